/**
 * Judges the layout of every screen in every appearance: whether it is wider than its window, and whether a text is
 * cut or a word broken; `bin/pictures --judge` starts it.
 *
 * Words on the command line choose screens.
 */
import { notWorn } from './world/appearance.js';
import { closeBrowser } from './world/browser.js';
import { layoutFaultsOf } from './world/check-page.js';
import { everyCombination } from './world/combinations.js';
import { furnish } from './world/furnish.js';
import { SCREENS } from './world/screens.js';
import { Town } from './world/town.js';
import { walkOnce } from './world/walk.js';

const words = process.argv.slice(2);
const unknown = words.filter((word) => !(word in SCREENS));
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(', ')}. There are: ${Object.keys(SCREENS).join(', ')}`);
  process.exit(1);
}
const screens = Object.keys(SCREENS).filter((screen) => words.length === 0 || words.includes(screen));

let judged = 0;
/** All that is wrong with the page on which a person is. */
async function look(person, _screen, appearance) {
  judged += 1;
  return [...(await notWorn(person.page, appearance)), ...(await layoutFaultsOf(person.page))];
}

const town = await Town.build();
try {
  await furnish(town);
  const failures = await walkOnce(town, everyCombination(screens), look);
  for (const failure of failures) console.error(failure);
  console.log(`${judged} pages judged, ${failures.length} screens with faults`);
  process.exitCode = failures.length > 0 ? 1 : 0;
} finally {
  await closeBrowser();
  await town.strike();
}
