// The main job by hand: node main_job.mjs http://HOST/COMPANY CODE POST COMMENT SECONDS [--width 360] [--dark]
// SECONDS is the installation's time since 1970, for the authenticator app.
// Comes in with an access code, chooses a password and an app, posts, opens it, comments, reacts, leaves; no script runs meanwhile.
// Prints a JSON list of the pages that were passed; a good page has empty lists and an overflow of 0.
import { axe, browse, digits, overflow, words } from './lib.mjs';

const usage = 'main_job.mjs http://HOST/COMPANY CODE POST COMMENT SECONDS [--width N] [--height N] [--dark] [--locale L]';
const options = { ...words(usage), 'no-js': true };
const [company, code, text, answer, seconds] = options.words;
if (!seconds) {
  console.error(`usage: ${usage}`);
  process.exit(2);
}

// Where the page is, and the page as it stands, for axe to judge when the walk is over.
const look = async (name, page) =>
  ({ name, path: new URL(page.url()).pathname, overflow: await overflow(page), html: await page.content() });

const { pages, ...seen } = await browse(options, company, async (page) => {
  page.setDefaultTimeout(15_000);
  const home = new URL(company).pathname;
  const lands = (path) => page.waitForURL((address) => address.pathname === path);
  const pages = [];

  await page.goto(`${company}/sign-in`);
  pages.push(await look('sign-in', page));
  await page.locator('input[name=code]').fill(code);
  await page.locator('form[action$="/claim"] button').click();
  await lands(`${home}/claim/enrol`);
  pages.push(await look('choice', page));
  await page.locator('input[name=password]').fill('the oven hums at four');
  await page.locator('input[name=again]').fill('the oven hums at four');
  await page.locator('input[name=totp_code]').fill(digits(await page.locator('.key').textContent(), Number(seconds)));
  await page.locator('form[action$="/claim/enrol"] button').click();
  await lands(`${home}/welcome`);
  pages.push(await look('welcome', page));
  await page.locator('main a.button-first').click();
  await lands(home);
  pages.push(await look('feed', page));

  await page.locator('.composer summary').click();
  await page.locator('.composer textarea[name=text]').fill(text);
  pages.push(await look('writing', page));
  await page.locator('.composer form button').click();
  const card = page.locator('article.card').filter({ hasText: text });
  await card.waitFor();
  pages.push(await look('feed with the post', page));

  await card.locator('header a[href*="/posts/"]').click();
  await page.waitForURL(/\/posts\/pst_[0-9a-f]+$/);
  pages.push(await look('post', page));
  await page.locator('form#comment textarea').fill(answer);
  await page.locator('form#comment button').click();
  await page.locator('article.comment').filter({ hasText: answer }).waitFor();
  await page.locator('button[name=kind][value=celebrate]').click();
  await page.locator('button[name=kind][aria-pressed=true]').waitFor();
  pages.push(await look('post with an answer', page));

  await page.locator('nav a[href$="/me"]').click();
  await lands(`${home}/me`);
  pages.push(await look('me', page));
  await page.locator('form[action$="/sign-out"] button').click();
  await page.locator('form[action$="/claim"]').waitFor();
  await page.goto(company);
  await lands(`${home}/sign-in`);
  return { pages, errors: page.seen.errors, foreign: page.seen.foreign };
});

// axe is a script itself, so it sees the same pages in a browser that runs scripts.
await browse({ ...options, 'no-js': false }, company, async (page) => {
  for (const passed of pages) {
    await page.setContent(passed.html);
    passed.axe = await axe(page);
    delete passed.html;
  }
});
console.log(JSON.stringify({ pages, ...seen }));
