/**
 * Requests as no browser would send them: any method, any header, no redirect followed, no cookie kept.
 */
import { request } from 'node:http';
import { connect } from 'node:net';

/** No answer of the desk is longer, in bytes. */
const LARGEST = 1024 * 1024;

/**
 * Sends one request to a local server.
 *
 * @param {string} address the whole address; where the connection goes, whatever `headers.host` says
 * @param {{method?: string, headers?: Record<string, string>, body?: string}} options
 * @returns {Promise<{status: number, headers: Record<string, string>, cookies: string[], body: string}>}
 */
export function send(address, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const sent = request(address, { method, headers: { connection: 'close', ...headers } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part) => {
        text += part;
        if (text.length > LARGEST) sent.destroy(new Error(`${address} answers more than ${LARGEST} bytes`));
      });
      answer.on('error', reject);
      answer.on('end', () => {
        const { 'set-cookie': cookies = [], ...others } = answer.headers;
        resolve({ status: answer.statusCode, headers: others, cookies, body: text });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Asks for a page. */
export const get = (address, headers = {}) => send(address, { headers });

/** Sends a form as a page of `origin` would. */
export const post = (address, fields, headers = {}) =>
  send(address, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: new URL(address).origin, ...headers },
    body: new URLSearchParams(fields).toString(),
  });

/** Sends lines as they are, malformed ones too; everything that is answered. */
export function sendLines(port, lines) {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`));
    socket.setEncoding('utf8');
    socket.on('data', (part) => { text += part; });
    socket.on('error', reject);
    socket.on('end', () => resolve(text));
  });
}
