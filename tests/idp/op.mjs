// An OpenID Connect provider for one test: node op.mjs SETTINGS.json
//
// Real protocol, scripted people. It listens on two ports of the kernel's choice on 127.0.0.1: the issuer, and a control
// port where the test changes the world (POST /redirect, /logout, /disable, /enable, /rotate, /tamper, /mint, /hits). The
// first line of output says both. Lies, told with /tamper:
//   {"claims": {..}, "drop": [..]}   change and leave out claims, signed with the right key
//   {"header": {..}}                 change the header, signed with the right key
//   {"sign": "none"}                 no signature, alg none
//   {"sign": "broken"}               the claims changed after signing
//   {"sign": "foreign"}              signed with a key nobody published, under the published key's id
//   {"sign": "secret"}               HS256 with the client's secret
//   {"sign": "public"}               HS256 with the published key taken as a secret
//   {"discovery": {..}}              change members of the discovery document
//   {"headerless": [..]}             leave out members of the header, signed with the right key
//   {"userinfo": {..}}               change members of what userinfo answers
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { Provider } from 'oidc-provider';
import * as jose from 'jose';

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const bySubject = new Map(settings.accounts.map((account) => [account.subject, account]));
const byName = new Map(settings.accounts.map((account) => [account.name, account]));
const world = { keys: [], keyCount: 0, disabled: new Set(), hits: {}, lie: {}, issuer: '' };

const client = {
  client_id: settings.client_id,
  client_secret: settings.client_secret,
  application_type: 'web', // "native" would ask people for consent at every sign-in
  redirect_uris: ['http://127.0.0.1/nowhere'],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'client_secret_basic',
  post_logout_redirect_uris: [],
};

async function makeKey(alg, kid) {
  const { privateKey } = await jose.generateKeyPair(alg, { extractable: true });
  return { ...(await jose.exportJWK(privateKey)), alg, kid, use: 'sig' };
}

// The package's own memory store is one per process and lives in a module; ours outlives the Provider, which must be
// built anew to rotate its keys, and hands out the client as it is now.
const store = new Map();
class Store {
  constructor(kind) {
    this.kind = kind;
  }
  async upsert(id, value, seconds) {
    store.set(`${this.kind} ${id}`, { value, until: seconds ? Date.now() + seconds * 1000 : Infinity });
  }
  async find(id) {
    if (this.kind === 'Client') return id === client.client_id ? client : undefined;
    const found = store.get(`${this.kind} ${id}`);
    return found && found.until > Date.now() ? found.value : undefined;
  }
  async findByUid(uid) {
    for (const [key, { value, until }] of store) {
      if (key.startsWith(`${this.kind} `) && value.uid === uid && until > Date.now()) return value;
    }
    return undefined;
  }
  async findByUserCode() {
    return undefined;
  }
  async consume(id) {
    const value = await this.find(id);
    if (value) value.consumed = Math.floor(Date.now() / 1000);
  }
  async destroy(id) {
    store.delete(`${this.kind} ${id}`);
  }
  async revokeByGrantId(grant) {
    for (const [key, { value }] of store) if (value.grantId === grant && !key.startsWith('Grant ')) store.delete(key);
  }
}

function configuration() {
  return {
    adapter: Store,
    jwks: { keys: world.keys },
    cookies: { keys: ['a key for cookies of a test'] },
    scopes: ['openid', 'offline_access', 'email', 'profile'],
    claims: { openid: ['sub', ...settings.claims], email: ['email', 'email_verified'], profile: ['name'] },
    conformIdTokenClaims: false, // otherwise all but `sub` comes from userinfo only
    pkce: { required: () => true },
    issueRefreshToken: async (_ctx, who) => who.grantTypeAllowed('refresh_token'),
    ttl: { AccessToken: 300, AuthorizationCode: 60, Grant: 3600, IdToken: 300, Interaction: 600, RefreshToken: 3600, Session: 3600 },
    features: {
      backchannelLogout: { enabled: true },
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: true, logoutSource: (ctx, form) => { ctx.body = `<!doctype html>${form}`; } },
    },
    // The package's own way out calls nothing on loopback.
    fetch: (url, { dispatcher: _refusing, ...options }) => fetch(url, options),
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: async (_ctx, subject) => {
      const account = bySubject.get(subject);
      if (!account || world.disabled.has(account.name)) return undefined;
      return { accountId: subject, claims: async () => ({ sub: subject, ...account.claims }) };
    },
    // The client belongs to the company, so nobody is asked for consent.
    loadExistingGrant: async (ctx) => {
      const { provider, session, client: who } = ctx.oidc;
      const known = session.grantIdFor(who.clientId);
      const grant = (known && (await provider.Grant.find(known)))
        || new provider.Grant({ accountId: session.accountId, clientId: who.clientId });
      grant.addOIDCScope('openid offline_access email profile');
      grant.addOIDCClaims(['sub', ...settings.claims]);
      await grant.save();
      return grant;
    },
    renderError: async (ctx, out) => {
      ctx.type = 'json';
      ctx.body = out;
    },
  };
}

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

async function lieAbout(token) {
  const lie = world.lie;
  const key = world.keys[0];
  const header = { ...jose.decodeProtectedHeader(token), ...lie.header };
  for (const name of lie.headerless ?? []) delete header[name];
  const claims = { ...jose.decodeJwt(token), ...lie.claims };
  for (const name of lie.drop ?? []) delete claims[name];
  const sign = async (alg, secret) => new jose.SignJWT(claims).setProtectedHeader({ ...header, alg }).sign(secret);
  switch (lie.sign) {
    case 'none':
      return `${base64url({ ...header, alg: 'none' })}.${base64url(claims)}.`;
    case 'broken': {
      const [head, , signature] = token.split('.');
      return `${head}.${base64url(claims)}.${signature}`;
    }
    case 'foreign':
      return sign('RS256', await jose.importJWK(await makeKey('RS256', key.kid), 'RS256'));
    case 'secret':
      return sign('HS256', new TextEncoder().encode(settings.client_secret));
    case 'public': {
      const { kty, n, e } = key;
      const pem = await jose.exportSPKI(await jose.importJWK({ kty, n, e }, 'RS256', { extractable: true }));
      return sign('HS256', new TextEncoder().encode(pem));
    }
    default:
      return sign(header.alg, await jose.importJWK(key, 'RS256'));
  }
}

function build() {
  const provider = new Provider(world.issuer, configuration());
  for (const event of ['server_error', 'authorization.error', 'grant.error', 'backchannel.error', 'end_session.error']) {
    provider.on(event, (_ctx, error) => console.error(event, error.message, error.error_description ?? '', error.error_detail ?? ''));
  }
  provider.use(async (ctx, next) => {
    const segment = ctx.path.split('/')[1];
    world.hits[segment] = (world.hits[segment] ?? 0) + 1;
    await next();
    const { discovery, userinfo, ...aboutTokens } = world.lie;
    if (ctx.path === '/token' && ctx.body?.id_token && Object.keys(aboutTokens).length > 0) {
      ctx.body.id_token = await lieAbout(ctx.body.id_token);
    }
    if (ctx.path === '/.well-known/openid-configuration' && discovery) Object.assign(ctx.body, discovery);
    if (ctx.path === '/me' && userinfo) Object.assign(ctx.body, userinfo);
    if (ctx.path === '/token') world.authenticated = ctx.get('authorization').split(' ')[0];
  });
  return { provider, answer: provider.callback() };
}

async function bodyOf(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

// Where a provider would ask for a password, this one asks only for a name. A login_hint answers the question.
async function interact(provider, request, response) {
  const { params } = await provider.interactionDetails(request, response);
  const told = request.method === 'POST' ? new URLSearchParams(await bodyOf(request)).get('name') : params.login_hint;
  if (!told) {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end('<!doctype html><html lang="en"><title>Sign in</title><form method="post">'
      + '<label>Name <input name="name" autofocus></label> <button>Sign in</button></form></html>');
    return;
  }
  const account = byName.get(told);
  const result = account && !world.disabled.has(told)
    ? { login: { accountId: account.subject, amr: ['pwd'] } }
    : { error: 'access_denied', error_description: 'unknown or disabled' };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

let running;
const control = {
  redirect: ({ uri }) => { client.redirect_uris = [...new Set([...client.redirect_uris, uri])]; },
  logout: ({ backchannel, back }) => {
    client.backchannel_logout_uri = backchannel;
    client.backchannel_logout_session_required = true;
    client.post_logout_redirect_uris = [back];
  },
  // Any algorithm that a header may name; HS256 with the client's secret.
  mint: async ({ header, claims }) => {
    const whole = { alg: 'RS256', kid: world.keys[0].kid, ...header };
    if (whole.alg === 'none') return { token: `${base64url(whole)}.${base64url(claims)}.` };
    const key = whole.alg === 'HS256' ? new TextEncoder().encode(settings.client_secret) : await jose.importJWK(world.keys[0], 'RS256');
    return { token: await new jose.SignJWT(claims).setProtectedHeader(whole).sign(key) };
  },
  authenticated: () => ({ scheme: world.authenticated }),
  disable: ({ name }) => { world.disabled.add(name); },
  enable: ({ name }) => { world.disabled.delete(name); },
  tamper: (lie) => { world.lie = lie; },
  hits: () => world.hits,
  rotate: async ({ keep_old: keepOld }) => {
    world.keyCount += 1;
    const key = await makeKey('RS256', `key-${world.keyCount}`);
    world.keys = keepOld ? [key, ...world.keys] : [key];
    running = build();
  },
};

const issuer = createServer(async (request, response) => {
  try {
    if (request.url.startsWith('/interaction/')) await interact(running.provider, request, response);
    else await running.answer(request, response);
  } catch (error) {
    console.error('request', request.url, error);
    response.statusCode = 500;
    response.end(error.message);
  }
});

const controls = createServer(async (request, response) => {
  try {
    const act = control[request.url.slice(1)];
    const text = await bodyOf(request);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify((await act(JSON.parse(text || '{}'))) ?? {}));
  } catch (error) {
    response.statusCode = 400;
    response.end(JSON.stringify({ error: error.message }));
  }
});

const listen = (server) => new Promise((done) => {
  server.listen(0, '127.0.0.1', () => done(server.address().port));
});
world.issuer = `http://127.0.0.1:${await listen(issuer)}`;
await control.rotate({ keep_old: false });
console.log(JSON.stringify({ issuer: world.issuer, control_port: await listen(controls) }));
