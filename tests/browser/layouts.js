/**
 * Judges the layout of every screen in every appearance: whether it is wider than its window, and whether a text is
 * cut; `bin/pictures --judge` starts it. A page is made once for each language and then set to the others: what the
 * desk sends does not depend on them.
 *
 * Words on the command line choose screens.
 */
import { change, nameOf, notWorn, SETTINGS, USUAL } from './world/appearance.js';
import { closeBrowser } from './world/browser.js';
import { layoutFaultsOf } from './world/check-page.js';
import { everyCombination } from './world/combinations.js';
import { furnish } from './world/furnish.js';
import { SCREENS } from './world/screens.js';
import { Town } from './world/town.js';
import { walk } from './world/walk.js';

const words = process.argv.slice(2);
const unknown = words.filter((word) => !(word in SCREENS));
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(', ')}. There are: ${Object.keys(SCREENS).join(', ')}`);
  process.exit(1);
}
const screens = Object.keys(SCREENS).filter((screen) => words.length === 0 || words.includes(screen));
const appearances = everyCombination(['any']).map(({ screen, ...appearance }) => appearance);
const pages = SETTINGS.language.flatMap((language) => screens.map((screen) => ({ screen, ...USUAL, language })));

let judged = 0;
/** All that is wrong with the page on which a person is, in all appearances in their language. */
async function look(person) {
  const found = [];
  for (const appearance of appearances.filter(({ language }) => language === person.settings.language)) {
    await change(person.page, appearance);
    const faults = [...(await notWorn(person.page, appearance)), ...(await layoutFaultsOf(person.page))];
    found.push(...faults.map((fault) => `${nameOf(appearance)}: ${fault}`));
    judged += 1;
  }
  await change(person.page, person.settings);
  if (found.length > 0) throw new Error(found.join('\n  '));
}

const town = await Town.build();
try {
  await furnish(town);
  const failures = await walk(town, pages, look);
  for (const failure of failures) console.error(failure);
  console.log(`${judged} pages judged, ${failures.length} screens with faults`);
  process.exitCode = failures.length > 0 ? 1 : 0;
} finally {
  await closeBrowser();
  await town.strike();
}
