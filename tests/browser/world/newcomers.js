/**
 * Computers that come to an organisation later: listed, given a ticket, enrolled, approved.
 */
import { writeFile } from 'node:fs/promises';
import { TEAM } from './town.js';

/**
 * Enrols one more computer by the command line.
 *
 * @param {string} who the name of its folder
 * @param {{agent: number, name: string, serial: string}} whose an agent may have several
 */
export async function enrol(town, who, { agent, name, serial }) {
  const file = town.folder(`${who}.csv`);
  await writeFile(file, `agent,name,team,platform,model,serial\n${agent},${name},${TEAM},computer,PC,${serial}\n`);
  await town.run('admin', 'admin', 'import', file);
  const [{ ticket }] = await town.run('admin', 'admin', 'ticket', '--all-missing');
  await town.run(who, 'enrol', ticket);
  await town.run('admin', 'admin', 'approve', '--yes');
}
