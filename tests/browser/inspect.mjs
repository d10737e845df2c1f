// What is wrong with a page: node inspect.mjs URL [--width 360] [--dark] [--cookie NAME=VALUE]
// Prints one JSON object; a good page has empty lists and an overflow of 0.
import { axe, browse, overflow, words } from './lib.mjs';

const usage = 'inspect.mjs URL [--width N] [--height N] [--dark] [--no-js] [--locale L] [--cookie NAME=VALUE]';
const options = words(usage);
const [address] = options.words;
if (!address) {
  console.error(`usage: ${usage}`);
  process.exit(2);
}
await browse(options, address, async (page) => {
  const answer = await page.goto(address);
  const body = await answer.body();
  console.log(JSON.stringify({
    url: page.url(),
    status: answer.status(),
    title: await page.title(),
    headings: await page.locator('h1').count(),
    nodes: await page.locator('*').count(),
    html_bytes: body.length,
    requests: page.seen.requests,
    foreign: page.seen.foreign,
    errors: page.seen.errors,
    axe: options['no-js'] ? [] : await axe(page),
    overflow: await overflow(page),
  }));
});
