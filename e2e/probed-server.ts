import { PROJECT_IN_BOX } from './box/settings.ts';

/** The runtime that the project brings, on the box's own disk. */
export const NODE = `${PROJECT_IN_BOX}/node_modules/node/bin/node`;

/** A line of the server's log. */
export interface ServerRequest {
  readonly method: string;
  readonly url: string;
  readonly isEncrypted: boolean;
  readonly headers: { readonly [name: string]: string };
}

/**
 * A server that can be probed in every way, as a programme of Node: HTTP on 8080, HTTPS on 8443, gRPC's health service on 9090.
 * Its argument is a folder with `cert.pem` and `key.pem`, where it writes `log`, a request a line. Whatever is asked for is well
 * unless the folder has a file `fail-<path or service>`.
 */
export const PROBED_SERVER = `
const { appendFileSync, existsSync, readFileSync } = require('node:fs');
const [folder] = process.argv.slice(2);
const isWell = (what) => !existsSync(folder + '/fail-' + what);

const answer = (isEncrypted) => ({ method, url, headers }, response) => {
  appendFileSync(folder + '/log', JSON.stringify({ method, url, isEncrypted, headers }) + '\\n');
  response.statusCode = isWell(url.slice(1).replace(/[?].*/, '')) ? 200 : 503;
  response.end('said');
};
require('node:http').createServer(answer(false)).listen(8080);
const tls = { cert: readFileSync(folder + '/cert.pem'), key: readFileSync(folder + '/key.pem') };
require('node:https').createServer(tls, answer(true)).listen(8443);

const grpc = require('node:http2').createServer();
grpc.on('session', (session) => session.on('error', () => {}));
grpc.on('stream', (stream) => {
  stream.on('error', () => {});
  let message = Buffer.alloc(0);
  stream.on('data', (chunk) => { message = Buffer.concat([message, chunk]); });
  // A frame's head has 5 bytes; the name of the service is the message's only field.
  stream.on('end', () => {
    const service = message.length > 5 ? message.subarray(7).toString() : '';
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.end(Buffer.from([0, 0, 0, 0, 2, 8, isWell(service) ? 1 : 2]));
  });
});
grpc.listen(9090);
`;
