// A sign-in through a company's IdP by hand: node sign_in.mjs http://HOST/COMPANY CONNECTION USER PASSWORD
// From the company's sign-in page over the IdP's own pages to the feed; out, out of the IdP, and to the IdP again.
// Prints JSON: the paths that were landed on, whether the IdP asked who it is each time, and the page about oneself.
import { browse, words } from './lib.mjs';

const usage = 'sign_in.mjs http://HOST/COMPANY CONNECTION USER PASSWORD [--width N] [--height N]';
const options = words(usage);
const [company, connection, user, password] = options.words;
if (!password) {
  console.error(`usage: ${usage}`);
  process.exit(2);
}

const home = new URL(company).pathname;
const isHome = (address) => address.href.startsWith(company) && address.pathname === home;

// The way in from the company's sign-in page. Providers differ in what they ask: a name and a password, whether the
// client may know who it is, or nothing at all to somebody they know.
async function enter(page) {
  await page.goto(`${company}/sign-in`);
  await page.locator(`form[action$="/sso/${connection}"] button`).click();
  let asked = false;
  const secret = page.locator('input[type=password]');
  const grant = page.getByRole('button', { name: 'Grant access' });
  const go = page.getByRole('button', { name: 'Continue' });
  for (;;) {
    const next = await Promise.race([
      page.waitForURL(isHome).then(() => 'home'),
      secret.waitFor().then(() => 'secret'),
      grant.waitFor().then(() => 'grant'),
      go.and(page.locator(':not([disabled])')).waitFor().then(() => 'go'),
    ]);
    if (next === 'home') return asked;
    if (next === 'secret') {
      asked = true;
      await page.locator('input[name=user], input[name=username]').fill(user);
      await secret.fill(password);
      await secret.press('Enter');
      await secret.waitFor({ state: 'hidden' });
    }
    if (next === 'grant') {
      // Every click draws the page anew, and somebody who answered before sees the question for a moment, too.
      const open = page.locator('input[type=checkbox]:not([disabled]):not(:checked)');
      if (await open.count() > 0) await open.first().check({ timeout: 2_000 }).catch(() => {});
      else await grant.click({ timeout: 2_000 }).catch(() => {});
    }
    if (next === 'go') {
      await go.click();
      await go.waitFor({ state: 'hidden' });
    }
  }
}

const told = await browse(options, company, async (page) => {
  page.setDefaultTimeout(30_000);
  const asked = [await enter(page)];
  await page.goto(`${company}/me`);
  const me = await page.locator('main').innerText();
  // Whoever is known to the IdP comes in without a word.
  await page.context().clearCookies({ name: /^(__Host-)?fh-/ });
  asked.push(await enter(page));
  await page.goto(`${company}/me`);
  await page.locator('form[action$="/sign-out"] button').click();
  await page.waitForURL(`${company}/sign-out`);
  const out = await page.locator('main a[href^="http"]').getAttribute('href');
  await page.goto(out);
  await page.waitForURL(`${company}/sign-in`, { timeout: 10_000 }).catch(() => {});
  return { asked, me, after_sign_out: new URL(page.url()).pathname, at_idp: await page.locator('body').innerText() };
});
console.log(JSON.stringify(told));
