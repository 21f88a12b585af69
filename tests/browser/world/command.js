/**
 * The command line of `estafette`, as a person at a professional computer uses it.
 *
 * Each command runs to its end; its lines come back as objects. A refusal is an error that carries its
 * stable code.
 */
import { join } from 'node:path';
import { Running } from './process.js';

const folder = process.env.ESTAFETTE_PROGRAMS ?? new URL('../../../target/debug', import.meta.url).pathname;

/** The path of one of the programs that were built. */
export const program = (name) => join(folder, name);

/** A command that was refused. */
export class Refused extends Error {
  constructor(words, running) {
    super(`estafette ${words.join(' ')}: ${running.errors}${running.output}`);
    this.code = /"code":\s*"([a-z0-9_]+)"/.exec(running.errors)?.[1] ?? 'unknown';
  }
}

/** Starts a command in an agent's folder; without a passphrase's file the program asks for it. */
export const start = (agentFolder, passphraseFile, words, { language = 'fr', environment } = {}) => {
  const passphrase = passphraseFile ? ['--passphrase-file', passphraseFile] : [];
  const all = ['--folder', agentFolder, ...passphrase, '--language', language, ...words];
  return new Running(program('estafette'), all, { environment });
};

/** Runs a command to its end; what it printed, line by line. */
export async function run(agentFolder, passphraseFile, words) {
  const running = start(agentFolder, passphraseFile, ['--json', ...words]);
  running.endInput();
  if ((await running.ended) !== 0) throw new Refused(words, running);
  return running.output.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
}
