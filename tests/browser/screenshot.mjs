// A picture of a page: node screenshot.mjs URL OUT.png [--width 360] [--dark] [--cookie NAME=VALUE] [--window]
// Prints the address it ended at, its status and its title.
import { browse, words } from './lib.mjs';

const usage = 'screenshot.mjs URL OUT.png [--width N] [--height N] [--dark] [--no-js] [--locale L] [--cookie NAME=VALUE] [--window]';
const options = words(usage, { window: { type: 'boolean', default: false } });
const [address, out] = options.words;
if (!out) {
  console.error(`usage: ${usage}`);
  process.exit(2);
}
await browse(options, address, async (page) => {
  const answer = await page.goto(address);
  await page.screenshot({ path: out, fullPage: !options.window });
  console.log(JSON.stringify({ url: page.url(), status: answer.status(), title: await page.title() }));
});
