/**
 * What has happened in the organisation that the screens show: messages of every kind, an announcement, an
 * urgency, people on call and off duty, rules that are proposed, a note, devices in every state.
 */
import { writeFile } from 'node:fs/promises';
import { appointSecond, propose, setHours } from './hours.js';
import { PEOPLE, TEAM } from './town.js';

/** Texts of the conversation that the screens show. */
export const SAID = {
  first: 'Vanne fermée rue des Lilas, jusqu’à nouvel ordre.',
  answer: 'Vu. J’y passe à 14 h avec la pompe.',
  long: 'Le regard est plein d’eau : il faut pomper avant d’ouvrir. https://vaux.example/interventions/2026/11/rue-des-lilas?plan=assainissement 🚧',
  foreign: 'مغلق حتى الغد — merci 👷🏽‍♀️',
  announcement: 'Route de Vaux barrée lundi.\nDéviation par Saint-Œuf.',
  urgent: 'Arbre tombé sur la ligne, route de Vaux.',
  note: 'Tournée du lundi',
  reason: 'Sécurité des personnes.',
};

/** A conversation that Léa has made with some of her team. */
export const GATHERED = 'Déneigement du plateau de Saint-Œuf';

/** Gives the organisation what the screens show. */
export async function furnish(town) {
  const thread = await town.thread();
  const { message } = await town.write('chloe', SAID.first);
  await town.run('amine', 'read', thread, '--sync', '2');
  await town.run('amine', 'reply', thread, SAID.answer, '--to', message);
  await town.write('amine', SAID.long);
  await town.run('chloe', 'read', thread, '--sync', '2');
  await town.run('chloe', 'edit', message, SAID.first.replace('.', ', merci.'));
  await town.run('chloe', 'react', message, '👍');
  await town.run('chloe', 'pin', message);
  await town.write('chloe', SAID.foreign);
  await town.run('lea', 'announce', SAID.announcement, '--to', TEAM, '--due', '23:59');
  await town.run('admin', 'admin', 'urgency-right', String(PEOPLE.lea.agent));
  await town.run('admin', 'admin', 'shifts', await shifts(town));
  await closeHours(town);
  await town.run('lea', 'threads', '--sync', '2');
  const terms = ['--urgent', '--basis', 'protection', '--reason', SAID.reason, '--until', '12:00'];
  await town.run('lea', 'write', thread, SAID.urgent, ...terms);
  const note = town.folder('note.txt');
  await writeFile(note, `${SAID.long}\n\n${SAID.announcement}\n`);
  await town.run('amine', 'note', 'new', thread, SAID.note, note);
  await town.run('lea', 'gather', GATHERED, '--with', String(PEOPLE.amine.agent));
  const leave = ['--from', day(7), '--until', day(14)];
  await town.run('admin', 'admin', 'absence', String(PEOPLE.chloe.agent), ...leave);
  await moreDevices(town);
  await exception(town);
}

/** A day from now, as `2026-03-09`. */
export const day = (offset) => new Date(Date.now() + offset * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);

/** From yesterday until after tomorrow Amine is on call; the file. */
async function shifts(town) {
  const file = town.folder('shifts.csv');
  const line = `${PEOPLE.amine.agent},${day(-1)} 00:00,${day(3)} 00:00,astreinte,${TEAM},1`;
  await writeFile(file, `agent,début,fin,type,équipe,rang\n${line}\n`);
  return file;
}

/** Chloé is off duty but for a minute of the week, by two administrators; other hours stay proposed for all. */
async function closeHours(town) {
  await appointSecond(town);
  await setHours(town, PEOPLE.chloe.agent, 'dim 03:00-03:01');
  await propose(town, 'lun-dim 00:00-23:59');
}

/** For the pages of a first run: a ticket that joins this organisation, one that founds, and the recovery sheet. */
export const tickets = {};

/** Two more computers are listed: one was refused before another waits to be approved, one is not there yet. */
async function moreDevices(town) {
  const file = town.folder('more.csv');
  const lines = [`5,Paul Roux,${TEAM},computer,PC,S5`, `6,Zineb Ait-Ali,${TEAM},computer,PC,S6`];
  await writeFile(file, `agent,name,team,platform,model,serial\n${lines.join('\n')}\n`);
  await town.run('admin', 'admin', 'import', file);
  const ticketOf = async (agent) => (await town.run('admin', 'admin', 'ticket', agent))[0].ticket;
  await town.run('refused', 'enrol', await ticketOf('5'));
  // Without an answer to its question, the command refuses.
  await town.run('admin', 'admin', 'approve');
  await town.run('paul', 'enrol', await ticketOf('5'));
  Object.assign(tickets, { join: await ticketOf('6'), first: town.firstTicket, sheet: town.sheet });
}

/** A phone that cannot prove what it is is admitted for a month, by two administrators. */
async function exception(town) {
  const file = town.folder('phones.csv');
  await writeFile(file, `agent,name,team,platform,model,serial\n6,Zineb Ait-Ali,${TEAM},android,Pixel 9a,S7\n`);
  await town.run('admin', 'admin', 'import', file);
  const until = ['--reason', 'Écran changé par un réparateur.', '--until', day(30)];
  const [{ proposal }] = await town.run('admin', 'admin', 'exception', '6', ...until);
  await town.run('ines', 'policy', 'approve', String(proposal), '--yes');
}
