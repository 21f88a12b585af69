/**
 * Processes that the tests start.
 *
 * Always true: none outlives the program that tests, whether a test fails, throws or is interrupted, nor
 * that program the one that started it; each is ended by its own id. What they print is kept for the message of a failure and shown nowhere else.
 * Nothing here knows what the processes do.
 */
import { spawn } from 'node:child_process';

/** How long a process may take for what is expected of it, in milliseconds. */
export const PATIENCE = 60_000;
/** Of each process, the newest characters that are kept. */
const KEPT = 64 * 1024;

const running = new Set();

/** Whoever started these tests; they end with it. */
const starter = process.ppid;
setInterval(() => process.ppid === starter || process.exit(130), 1_000).unref();

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => process.exit(130));
}

/** A program at work. */
export class Running {
  #child;
  #waiting = new Set();

  /**
   * Starts a program.
   *
   * @param {string} program its path
   * @param {string[]} words its arguments
   * @param {{language?: string, environment?: Record<string, string>}} options the language of what it
   *   prints, French unless said; and what else stands in its environment
   */
  constructor(program, words, { language = 'fr_FR.UTF-8', environment = {} } = {}) {
    this.output = '';
    this.errors = '';
    this.#child = spawn(program, words, {
      env: { ...process.env, LANG: language, LC_ALL: language, RUST_BACKTRACE: '1', ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    running.add(this.#child);
    // A program that refuses its arguments is gone before it reads.
    this.#child.stdin.on('error', () => {});
    for (const [stream, kept] of [['stdout', 'output'], ['stderr', 'errors']]) {
      this.#child[stream].setEncoding('utf8');
      this.#child[stream].on('data', (part) => {
        this[kept] = (this[kept] + part).slice(-KEPT);
        for (const look of this.#waiting) look();
      });
    }
    /** Its exit code; -1 if a signal ended it or it could not be started. */
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.errors += error.message;
        resolve(-1);
      });
      this.#child.once('close', (code) => resolve(code ?? -1));
    }).then((code) => {
      running.delete(this.#child);
      this.code = code;
      for (const look of this.#waiting) look();
      return code;
    });
  }

  /** Waits until something is so of what was printed. Fails with all of it if the program ends before. */
  until(what, found) {
    return new Promise((resolve, reject) => {
      const close = (settle, value) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        settle(value);
      };
      const fail = (why) => close(reject, new Error(`${what}: ${why}\n${this.output}${this.errors}`));
      const look = () => {
        const value = found(this);
        if (value) close(resolve, value);
        else if (this.code !== undefined) fail(`the program ended with ${this.code}`);
      };
      const timer = setTimeout(() => fail(`not within ${PATIENCE} ms`), PATIENCE);
      this.#waiting.add(look);
      look();
    });
  }

  /** Its number on this machine. */
  get process() {
    return this.#child.pid;
  }

  /** Types a line. */
  type(line) {
    this.#child.stdin.write(`${line}\n`);
  }

  /** Types nothing more. */
  endInput() {
    this.#child.stdin.end();
  }

  /** Asks the program to end and waits for it; ends it by force if it does not. */
  async stop(signal = 'SIGTERM') {
    if (this.code !== undefined) return this.code;
    this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE);
    const code = await this.ended;
    clearTimeout(timer);
    return code;
  }
}
