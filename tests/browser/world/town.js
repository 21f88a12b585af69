/**
 * An organisation with its people: a relay and the folders of four computers, all real.
 *
 * The administrator founds the organisation, imports three people, and approves their computers, by the
 * command line alone. Hours are open at all times, so that the day of the test does not matter. Everything
 * lies in one new folder, which `strike` takes away with all processes.
 */
import { existsSync, rmSync } from 'node:fs';
import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { Desk } from './desk.js';
import { freePort } from './port.js';
import { Running } from './process.js';
import { program, run, start } from './command.js';
import { moment, nextWorkingDay } from './moments.js';
import { typeBack } from './recovery-sheet.js';

/** Of every folder here. */
export const PASSPHRASE = 'une phrase de passe';
/** The team that everybody but the administrator is in. */
export const TEAM = 'Voirie nord';
/** The people, by the name of their folder. */
export const PEOPLE = {
  lea: { agent: 2, name: 'Léa Bernard' },
  amine: { agent: 3, name: 'Amine Kaci' },
  chloe: { agent: 4, name: 'Chloé Ñuñez' },
};
/** How long a command listens to the relay, in seconds. */
const LISTENS = '4';
/** Before time is skipped everybody has read that it will be: they look each 50 ms. */
const NOTICE = 250;

/** Where a town is kept that was built once, and the file that says that it is whole. */
const [BUILT, READY] = [process.env.ESTAFETTE_TOWNS, 'ready'];

/** One organisation. */
export class Town {
  #folder;
  #relay;
  #desks = new Map();
  #ahead = 0;

  /**
   * Starts a relay, founds the organisation, enrols everybody and gives the team to Léa.
   *
   * Once for all files of tests, where `bin/browser` names a folder for it: the others begin with a copy of
   * everything that lies on the disks, keys too. They follow each other, so that all take the same port. `sheet` is
   * the recovery sheet, as it is on paper.
   */
  static async build() {
    if (BUILT && existsSync(join(BUILT, READY))) return Town.#copy();
    const town = await Town.found();
    await town.#orStrike(async () => {
      await town.#enrol();
      if (BUILT) await town.#keep();
    });
    return town;
  }

  static async #copy() {
    const town = await Town.#anew();
    await town.#orStrike(async () => {
      await cp(join(BUILT, 'town'), town.#folder, { recursive: true });
      Object.assign(town, JSON.parse(await readFile(join(BUILT, READY), 'utf8')));
      await town.restore();
    });
    return town;
  }

  /** Copies everything while nothing runs. */
  async #keep() {
    await this.cut();
    await cp(this.#folder, join(BUILT, 'town'), { recursive: true });
    await writeFile(join(BUILT, READY), JSON.stringify({ firstTicket: this.firstTicket, sheet: this.sheet }));
    await this.restore();
  }

  /** Starts a relay and founds the organisation; its administrator has no team and nobody yet. */
  static async found() {
    const town = await Town.empty();
    await town.#orStrike(() => town.#found(town.firstTicket));
    return town;
  }

  /** Starts a relay for which there is no organisation yet; `firstTicket` founds one. */
  static async empty() {
    const town = await Town.#anew();
    await town.#orStrike(async () => {
      await writeFile(town.passphraseFile, `${PASSPHRASE}\n`, { mode: 0o600 });
      town.firstTicket = await town.#startRelay();
    });
    return town;
  }

  /** A folder for all that will be, and nothing in it. */
  static async #anew() {
    const town = new Town();
    const folder = await mkdtemp(join(tmpdir(), 'estafette-browser-'));
    town.#folder = folder;
    process.env.ESTAFETTE_AHEAD_FILE = join(folder, 'ahead');
    // Also where a test is interrupted; the processes have ended then.
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    return town;
  }

  async #orStrike(work) {
    try {
      await work();
    } catch (error) {
      await this.strike();
      throw error;
    }
  }

  /** Where somebody's computer keeps everything. */
  folder(who) {
    return join(this.#folder, who);
  }

  get passphraseFile() {
    return join(this.#folder, 'passphrase');
  }

  /** Runs a command on somebody's computer; what it printed. */
  run(who, ...words) {
    return run(this.folder(who), this.passphraseFile, words);
  }

  /** The number of the team's conversation. */
  async thread() {
    this.knownThread ??= (await this.run('amine', 'threads')).find((row) => row.title === TEAM).thread;
    return this.knownThread;
  }

  /** Writes from a computer whose desk is closed; the relay has it when this returns. */
  async write(who, text) {
    const [written] = await this.run(who, 'write', await this.thread(), text);
    if (written.state !== 'standing') throw new Error(`${who} has written, and it is ${written.state}`);
    return written;
  }

  /**
   * Opens the desk on somebody's computer; the one that is open if there is one.
   *
   * @param {{asks?: boolean}} options whether the pages ask for the passphrase, as people start it; see `Desk.start`
   */
  async desk(who, { asks = false, ...options } = {}) {
    if (!this.#desks.has(who)) {
      const desk = await Desk.start(this.folder(who), asks ? undefined : this.passphraseFile, options);
      this.#desks.set(who, desk);
      desk.closed.then(() => this.#desks.delete(who));
    }
    return this.#desks.get(who);
  }

  /** Opens the desk on a computer whose clock is ahead of all others by so many minutes. */
  async deskAhead(who, minutes) {
    const file = this.folder(`${who}-ahead`);
    await writeFile(file, `0 ${this.#ahead + minutes * 60_000}`);
    return this.desk(who, { environment: { ESTAFETTE_AHEAD_FILE: file } });
  }

  /** Now, in milliseconds, by the clocks of this town. */
  get now() {
    return Date.now() + this.#ahead;
  }

  /** Skips time, for the relay and all computers at one instant; open desks and the relay look at their clocks then. */
  async skip(milliseconds) {
    const from = Date.now() + NOTICE;
    const ahead = this.#ahead + milliseconds;
    const file = join(this.#folder, 'ahead');
    await writeFile(`${file}.new`, `${from} ${ahead}`);
    await rename(`${file}.new`, file);
    await pass(NOTICE);
    this.#ahead = ahead;
  }

  /** Goes on to the next time that it is so late (`07:40`) in Paris, on a day from Monday to Friday. */
  goTo(time) {
    return this.skip(nextWorkingDay(time, this.now) - this.now);
  }

  /** Goes on by so many minutes. */
  goOn(minutes) {
    return this.skip(minutes * 60_000);
  }

  /** `2026-03-09T14:02`, some minutes from now by the clocks of this town, as the fields of a browser take it. */
  moment(minutes = 0) {
    return moment(minutes, this.now);
  }

  /** Takes the relay from the network. */
  async cut() {
    await this.#relay.stop();
  }

  /** Gives it back. */
  async restore() {
    this.#relay = new Running(program('estafette-relay'), ['serve', this.folder('relay')]);
    await this.#relay.until('the relay listens', ({ output }) => output.includes('écoute sur'));
  }

  /** Ends everything and leaves nothing behind. */
  async strike() {
    await Promise.all([...this.#desks.values()].map((desk) => desk.stop()));
    await this.#relay?.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #startRelay() {
    const address = `127.0.0.1:${await freePort()}`;
    const words = ['init', this.folder('relay'), '--address', address, '--development'];
    const made = new Running(program('estafette-relay'), words);
    if ((await made.ended) !== 0) throw new Error(`no relay was made: ${made.errors}`);
    await this.restore();
    return /estafette:\S+/.exec(made.output)[0];
  }

  async #found(ticket) {
    const words = ['admin', 'create', 'Commune de Vaux', '--ticket', ticket];
    const options = ['--agent-name', 'Zoé Martin', '--hours', 'lun-dim 00:00-24:00'];
    const founding = start(this.folder('admin'), this.passphraseFile, [...words, ...options]);
    this.sheet = await typeBack(founding);
    founding.endInput();
    if ((await founding.ended) !== 0) throw new Error(`no organisation was founded: ${founding.errors}`);
  }

  async #enrol() {
    const lines = Object.values(PEOPLE).map(({ agent, name }) => `${agent},${name},${TEAM},computer,PC,S${agent}`);
    const inventory = this.folder('inventory.csv');
    await writeFile(inventory, `agent,name,team,platform,model,serial\n${lines.join('\n')}\n`);
    await this.run('admin', 'admin', 'import', inventory);
    const tickets = await this.run('admin', 'admin', 'ticket', '--all-missing');
    const ticketOf = (agent) => tickets.find((ticket) => Number(ticket.agent) === agent).ticket;
    const people = Object.entries(PEOPLE);
    await Promise.all(people.map(([who, { agent }]) => this.run(who, 'enrol', ticketOf(agent))));
    await this.run('admin', 'admin', 'approve', '--yes');
    await this.run('admin', 'admin', 'team', TEAM, '--lead', String(PEOPLE.lea.agent));
    // The first to come by makes the team's keys from the others' packages.
    await Promise.all(people.map(([who]) => this.run(who, 'threads', '--sync', LISTENS)));
  }
}
