// The main job on a phone without script: node main-job.mjs URL CODE POST COMMENT, with URL a company's first page.
// Signs in with the access code, posts, opens the post, comments; prints what each page was like as JSON.
import { browse, overflow, words } from './lib.mjs';

const usage = 'main-job.mjs URL CODE POST COMMENT [--width N]';
const options = words(usage);
const [address, code, post, comment] = options.words;
if (!comment) {
  console.error(`usage: ${usage}`);
  process.exit(2);
}
const pages = [];

await browse({ ...options, 'no-js': true }, address, async (page) => {
  const note = async (step) => {
    pages.push({ step, path: new URL(page.url()).pathname, overflow: await overflow(page) });
  };
  // Sends the form around the field that was filled last, with its own button, as a thumb would.
  const send = async (field) => {
    await Promise.all([page.waitForLoadState('load'), field.locator('xpath=ancestor::form').getByRole('button').first().click()]);
    await page.waitForLoadState('load');
  };

  await page.goto(address);
  await note('sign-in');
  const codeField = page.locator('input[name=code]');
  await codeField.fill(code);
  await send(codeField);
  await note('feed');

  await page.locator('details.composer > summary').click();
  const postField = page.locator('form[action$="/posts"] textarea[name=text]').first();
  await postField.fill(post);
  await note('compose');
  await send(postField);
  await page.getByText(post).first().waitFor();
  await note('posted');

  const link = page.locator('article', { hasText: post }).locator('a[href*="/posts/"]').first();
  await page.goto(new URL(await link.getAttribute('href'), address).href);
  const commentField = page.locator('form#comment textarea[name=text]');
  await commentField.fill(comment);
  await note('post');
  await send(commentField);
  await page.getByText(comment).first().waitFor();
  await note('commented');
  console.log(JSON.stringify({ pages, errors: page.seen.errors, foreign: page.seen.foreign }));
});
