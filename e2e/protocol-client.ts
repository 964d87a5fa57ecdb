import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTls } from 'node:tls';
import WebSocket from 'ws';

/**
 * Asks a router for what curl can't: `node protocol-client.ts <what> <address> <host name>` prints what came back. A programme of
 * its own, so that it can be run wherever a test looks from.
 */
const QUESTIONS: { readonly [what: string]: (address: string, name: string) => Promise<string> } = {
  /** The echo of one message over a WebSocket. */
  ws: (address, name) => said(`ws://${address}/`, { headers: { host: name } }),
  /** The same with TLS. */
  wss: (address, name) => said(`wss://${address}/`, { headers: { host: name }, servername: name }),
  grpc,
  certificate,
};

function said(url: string, options: WebSocket.ClientOptions & { servername?: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { ...options, rejectUnauthorized: false });
    socket.on('open', () => socket.send('hello'));
    socket.on('message', (data) => {
      resolve(String(data));
      socket.close();
    });
    socket.on('error', reject);
  });
}

/** The status that a call ends with, in its trailers. */
function grpc(address: string, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`https://${address}`, { servername: name, rejectUnauthorized: false });
    session.on('error', reject);
    const headers = { ':path': '/s/m', ':method': 'POST', ':authority': name, te: 'trailers' };
    const stream = session.request({ ...headers, 'content-type': 'application/grpc' });
    stream.on('error', reject);
    let verdict = '';
    stream.on('response', (got) => (verdict = `http ${got[':status']}`));
    stream.on('trailers', (trailers) => (verdict = `grpc ${trailers['grpc-status']}`));
    stream.on('close', () => {
      session.close();
      resolve(verdict);
    });
    stream.resume();
    stream.end(Buffer.from([0, 0, 0, 0, 0]));
  });
}

/** The name in the certificate that is shown to whoever asks for this one. */
function certificate(host: string, servername: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host, port: 443, servername, rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject?.CN ?? ''));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

const [what = '', address = '', name = ''] = process.argv.slice(2);
const ask = QUESTIONS[what];
if (ask === undefined) throw new Error(`protocol-client: nobody knows how to ask for ${what}`);
process.stdout.write(await ask(address, name));
