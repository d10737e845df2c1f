// A passkey by hand: node passkey.mjs http://localhost:PORT/COMPANY LETTER OTHER [--width 360] [--dark]
// Claims an account with what the QR code of a LETTER says and a passkey of a virtual authenticator, signs out, and signs in with it again in a fresh
// browser. Then answers that must be refused are tried, or collected for somebody else to try: OTHER is the address of
// another company of the same installation. Prints JSON.
import { axe, browse, overflow, words } from './lib.mjs';

const usage = 'passkey.mjs http://localhost:PORT/COMPANY LETTER OTHER [--width N] [--height N] [--dark] [--locale L]';
const options = words(usage);
const [company, letter, other] = options.words;
if (!other) {
  console.error(`usage: ${usage}`);
  process.exit(2);
}
const home = new URL(company).pathname;
const FINISH = /\/passkey\/finish$/;

const look = async (name, page) =>
  ({ name, path: new URL(page.url()).pathname, overflow: await overflow(page), axe: await axe(page) });

// An authenticator that knows who holds it; with the keys of another one when there are some.
async function authenticator(page, context, keys = []) {
  const session = await context.newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  for (const credential of keys) await session.send('WebAuthn.addCredential', { authenticatorId, credential });
  return {
    keys: async () => (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    verifies: (isUserVerified) => session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
  };
}

const lands = (page, path) => page.waitForURL((address) => address.pathname === path);
const press = (page, action) => page.locator(`form[action="${action}"] button`).click();

// What the browser would send, which is kept from being sent.
async function answer(page, context, address) {
  const sent = new Promise((resolve) => {
    page.route(FINISH, (route) => {
      resolve(new URLSearchParams(route.request().postData()).get('credential'));
      return route.fulfill({ status: 200, contentType: 'text/html', body: 'kept' });
    });
  });
  await page.goto(`${address}/sign-in`);
  await press(page, `${new URL(address).pathname}/passkey`);
  const credential = await sent;
  await page.unroute(FINISH);
  const jar = (await context.cookies()).find((cookie) => cookie.name.endsWith('.passkey'));
  return { credential, browser_token: jar.value };
}

const pages = [];
const first = await browse(options, company, async (page, context) => {
  page.setDefaultTimeout(15_000);
  const device = await authenticator(page, context);
  await page.goto(letter);
  pages.push(await look('sign-in', page));
  await press(page, `${home}/claim`);
  await lands(page, `${home}/claim/enrol`);
  pages.push(await look('choice', page));
  await device.verifies(false);
  await press(page, `${home}/claim/passkey`);
  await page.locator('#passkey-trouble').waitFor();
  pages.push(await look('not verified', page));
  await device.verifies(true);
  await page.locator('#passkey-again').click();
  await lands(page, home);
  pages.push(await look('feed', page));
  const keys = await device.keys();
  await page.goto(`${company}/me`);
  pages.push(await look('me', page));
  const removable = await page.locator('form[action$="/remove"]').count();
  // G10: the same device once more.
  await press(page, `${home}/me/passkeys`);
  await page.locator('#passkey-trouble').waitFor();
  await page.goto(`${company}/me`);
  await page.locator('form[action$="/sign-out"] button').click();
  await lands(page, `${home}/sign-in`);
  return { keys, removable, ...page.seen };
});

const second = await browse(options, company, async (page, context) => {
  page.setDefaultTimeout(15_000);
  const device = await authenticator(page, context, first.keys);
  const answers = { good: await answer(page, context, company), tampered: await answer(page, context, company) };
  await page.goto(`${company}/sign-in`);
  await press(page, `${home}/passkey`);
  await lands(page, home);
  pages.push(await look('feed again', page));
  // G11: at another company of the same host the browser offers the passkey, and the company does not know it.
  await page.goto(`${other}/sign-in`);
  await press(page, `${new URL(other).pathname}/passkey`);
  await page.waitForURL(FINISH);
  const elsewhere = await page.locator('main').textContent();
  return { answers, elsewhere, keys: await device.keys(), ...page.seen };
});

// G12: a copy of the device from before the last use, whose counter is behind.
const third = await browse(options, company, async (page, context) => {
  page.setDefaultTimeout(15_000);
  await authenticator(page, context, first.keys);
  await page.goto(`${company}/sign-in`);
  await press(page, `${home}/passkey`);
  await page.waitForURL(FINISH);
  return { copy: await page.locator('main').textContent() };
});

// G09: a page of another origin that looks the same and hands on what it is given; the host, and with it the name that
// passkeys are kept under, is the same.
const PHISHER = 'http://localhost:65001';
const fourth = await browse(options, company, async (page, context) => {
  page.setDefaultTimeout(15_000);
  await authenticator(page, context, second.keys.map((key) => ({ ...key, signCount: key.signCount + 1000 })));
  await page.route(/passkey\.js$/, (route) => route.abort());
  await page.goto(`${company}/sign-in`);
  await press(page, `${home}/passkey`);
  await page.locator('#passkey').waitFor();
  const jar = (await context.cookies()).find((cookie) => cookie.name.endsWith('.passkey'));
  const [looks, script] = [await page.content(), await (await context.request.get(new URL('/assets/passkey.js', company).href)).text()];
  await page.unroute(/passkey\.js$/);
  const credential = new Promise((resolve) => {
    page.route(`${PHISHER}/**`, (route) => {
      const path = new URL(route.request().url()).pathname;
      if (FINISH.test(path)) resolve(new URLSearchParams(route.request().postData()).get('credential'));
      return route.fulfill(path.endsWith('.js') ? { contentType: 'text/javascript', body: script } : { contentType: 'text/html', body: looks });
    });
  });
  await page.goto(`${PHISHER}${home}`);
  return { credential: await credential, browser_token: jar.value };
});

console.log(JSON.stringify({
  pages, removable: first.removable, foreign: [...first.foreign, ...second.foreign], answers: { ...second.answers, phished: fourth },
  elsewhere: second.elsewhere, copy: third.copy,
}));
