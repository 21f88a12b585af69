/** Ports of this machine that nobody listens on. */
import { createServer } from 'node:net';
import { once } from 'node:events';

/** One that is free now. Others could take it first; whoever starts there then says so. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
