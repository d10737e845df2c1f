// Asks the browser for what the form says and sends the answer with the form. The only script of the pages; whoever has
// none signs in with a password and an authenticator app.
'use strict';

const form = document.getElementById('passkey');
const button = document.getElementById('passkey-again');
const trouble = document.getElementById('passkey-trouble');

const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
const toText = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const named = (keys) => (keys ?? []).map((key) => ({ ...key, id: toBytes(key.id) }));

function asked() {
  const { publicKey } = JSON.parse(form.dataset.options);
  publicKey.challenge = toBytes(publicKey.challenge);
  if (form.dataset.kind === 'create') {
    publicKey.user.id = toBytes(publicKey.user.id);
    publicKey.excludeCredentials = named(publicKey.excludeCredentials);
    return navigator.credentials.create({ publicKey });
  }
  publicKey.allowCredentials = named(publicKey.allowCredentials);
  return navigator.credentials.get({ publicKey });
}

function written({ id, rawId, type, response }) {
  const parts = form.dataset.kind === 'create'
    ? { attestationObject: toText(response.attestationObject), transports: response.getTransports?.() ?? [] }
    : {
        authenticatorData: toText(response.authenticatorData),
        signature: toText(response.signature),
        userHandle: response.userHandle && toText(response.userHandle),
      };
  const clientDataJSON = toText(response.clientDataJSON);
  return JSON.stringify({ id, rawId: toText(rawId), type, response: { ...parts, clientDataJSON } });
}

async function ask() {
  trouble.hidden = true;
  try {
    form.elements.credential.value = written(await asked());
    form.submit();
  } catch {
    trouble.hidden = false;
    button.hidden = false;
    button.focus();
  }
}

button.addEventListener('click', ask);
ask();
