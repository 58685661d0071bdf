// SPDX-License-Identifier: MIT
// node node_echo.js: what echo_server.cc does, by Node's http in its strict mode. Prints where it
// listens and which Node it is; ends when its standard input does.
//
// Nobody listens for 'upgrade' and 'connect': then Node ignores the one, as a server does that
// knows no other protocol, and closes on the other.
'use strict';
const http = require('node:http');

const crcTable = Uint32Array.from({ length: 256 }, (_, i) => {
  for (let bit = 0; bit < 8; ++bit) i = i & 1 ? (i >>> 1) ^ 0xedb88320 : i >>> 1;
  return i;
});

function updateCrc(crc, data) {
  for (const byte of data) crc = (crc >>> 8) ^ crcTable[(crc ^ byte) & 0xff];
  return crc;
}

// Node gives out bytes of a head as the characters of Latin-1.
function escaped(text) {
  return text.replace(/[^\x21-\x7e]|["\\%]/g, (character) =>
    '%' + character.charCodeAt(0).toString(16).padStart(2, '0'));
}

function answer(request, response, size, crc) {
  const raw = request.rawHeaders.map(escaped);
  const fields = [];
  for (let i = 0; i < raw.length; i += 2) fields.push([raw[i], raw[i + 1]]);
  const text = JSON.stringify({
    method: escaped(request.method),
    target: escaped(request.url),
    version: request.httpVersion,
    fields,
    size,
    crc32: (~crc >>> 0).toString(16).padStart(8, '0'),
  });
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': text.length });
  response.end(text);
}

function echo(request, response) {
  const { socket } = request;
  (socket.exchanges ??= []).push({ request, response });
  request.on('error', () => {});  // the connection was closed within the body: nobody to tell
  let size = 0;
  let crc = 0xffffffff;
  if (request.url === '/unread') {
    answer(request, response, size, crc);
    return;
  }
  request.on('data', (data) => {
    size += data.length;
    crc = updateCrc(crc, data);
  });
  request.on('end', () => answer(request, response, size, crc));
}

// What Node itself says when nobody listens, with its reason, and behind the replies to the
// requests before.
async function refuse(error, socket) {
  const whole = (socket.exchanges ?? []).filter(({ request }) => request.complete);
  await Promise.all(whole.map(({ response }) => response.writableFinished ||
    new Promise((resolve) => response.once('finish', resolve).once('close', resolve))));
  if (!socket.writable) return socket.destroy();
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  socket.end(`HTTP/1.1 ${status} ${error.code}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

const server = http.createServer({
  insecureHTTPParser: false, maxHeaderSize: 16 * 1024, requestTimeout: 0, headersTimeout: 0,
});
server.httpAllowHalfOpen = true;  // a client that ends sending still gets its replies
server.maxHeadersCount = 0;
server.keepAliveTimeout = 60_000;
server.on('request', echo);
server.on('checkContinue', (request, response) => {
  response.writeContinue();
  echo(request, response);
});
server.on('clientError', refuse);
server.listen({ port: 0, host: '127.0.0.1', backlog: 512 }, () => {
  console.log(`Node ${process.versions.node} (llhttp ${process.versions.llhttp}): ` +
    `http://127.0.0.1:${server.address().port}`);
});
process.stdin.resume().on('end', () => process.exit(0));
