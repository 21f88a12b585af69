/** Every screen and state can be used by everybody, in whatever way their browser is set. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closeBrowser } from '../world/browser.js';
import { pairwise } from '../world/combinations.js';
import { furnish } from '../world/furnish.js';
import { SCREENS } from '../world/screens.js';
import { Town } from '../world/town.js';
import { walk } from '../world/walk.js';

/** More pages than that take too long for every change; `bin/pictures` shows all. */
const LIMIT = 150;

const ofScreen = (value) => value.startsWith('screen=');

let town;

before(async () => {
  town = await Town.build();
  await furnish(town);
});

after(async () => {
  await closeBrowser();
  await town?.strike();
});

test('no_screen_has_a_fault_that_tools_can_tell_in_any_pair_of_settings', async (context) => {
  const { pages, missed } = pairwise(Object.keys(SCREENS), LIMIT);
  const failures = await walk(town, pages, (person, screen) => person.check(screen));
  assert.deepEqual(failures, [], failures.join('\n'));
  // Any two settings meet. With more than fifty screens not every screen can meet every setting.
  const [lacking, left] = [missed.filter((pair) => !pair.some(ofScreen)), missed.filter((pair) => pair.some(ofScreen))];
  assert.deepEqual(lacking, [], `${LIMIT} pages show every pair of settings`);
  context.diagnostic(`${left.length} pairs of a screen and a setting are left to bin/pictures`);
});
