/**
 * Whose hours are open is the rules' business: an administrator proposes, a second one approves.
 */

/** Judges hours and refuses none: tests close people's days in ways that no service would. */
const PROFILE = ['--profile', 'interior-2002-1278'];

/** Gives the organisation a second administrator, who approves what the first one proposes. */
export async function appointSecond(town) {
  const [{ ticket }] = await town.run('admin', 'admin', 'add-administrator', '8', 'Inès Petit', '--serial', 'S8');
  await town.run('ines', 'enrol', ticket);
  await town.run('admin', 'admin', 'approve', '--yes');
}

/** Proposes hours: for one agent, by their number, or for all; the number of the proposal. */
export async function propose(town, week, agent) {
  const scope = agent ? ['--agent', String(agent)] : [];
  const [{ proposal }] = await town.run('admin', 'admin', 'hours', week, ...PROFILE, ...scope);
  return proposal;
}

/** Sets the hours of one agent. */
export async function setHours(town, agent, week) {
  await town.run('ines', 'policy', 'approve', String(await propose(town, week, agent)), '--yes');
}
