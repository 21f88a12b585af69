/**
 * Computers that come to an organisation later: listed, given a ticket, enrolled, approved.
 */
import { writeFile } from 'node:fs/promises';
import { TEAM } from './town.js';

/**
 * A computer that comes: whose it is (an agent may have several) and in which team, the usual one unless said.
 *
 * @typedef {{agent: number, name: string, serial: string, team?: string}} Newcomer
 */

/**
 * Enrols one more computer by the command line.
 *
 * @param {string} who the name of its folder
 * @param {Newcomer} newcomer
 */
export const enrol = (town, who, newcomer) => enrolAll(town, { [who]: newcomer });

/**
 * Enrols several at once.
 *
 * @param {Record<string, Newcomer>} newcomers by the names of their folders
 */
export async function enrolAll(town, newcomers) {
  const coming = Object.entries(newcomers);
  const lines = coming.map(([, { agent, name, serial, team = TEAM }]) => `${agent},${name},${team},computer,PC,${serial}`);
  const file = town.folder(`${coming[0][0]}.csv`);
  await writeFile(file, `agent,name,team,platform,model,serial\n${lines.join('\n')}\n`);
  await town.run('admin', 'admin', 'import', file);
  const tickets = await town.run('admin', 'admin', 'ticket', '--all-missing');
  const ticketOf = (whose) => tickets.find(({ agent }) => Number(agent) === whose).ticket;
  await Promise.all(coming.map(([who, { agent }]) => town.run(who, 'enrol', ticketOf(agent))));
  await town.run('admin', 'admin', 'approve', '--yes');
}
