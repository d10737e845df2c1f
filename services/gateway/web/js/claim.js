// Puts the access code of a letter's QR code into the form. It stands behind the #, which no browser sends to a server,
// so it is in no log; whoever has no script types it.
'use strict';

const field = document.getElementById('code');
const code = decodeURIComponent(location.hash.slice(1));
if (field && code) {
  field.value = code;
  history.replaceState(null, '', location.pathname + location.search);
  field.focus();
}
