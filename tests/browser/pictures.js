/**
 * Makes a picture of every screen in every appearance, for people to look at; `bin/pictures` starts it.
 *
 * Words on the command line choose: screens (`conversation`), or values of settings (`320`, `dark`, `en`).
 */
import { closeBrowser } from './world/browser.js';
import { everyCombination } from './world/combinations.js';
import { folder, keepPicture } from './world/pictures.js';
import { furnish } from './world/furnish.js';
import { SCREENS } from './world/screens.js';
import { SETTINGS } from './world/appearance.js';
import { Town } from './world/town.js';
import { walkOnce } from './world/walk.js';

const words = process.argv.slice(2);
const known = new Map([['screen', Object.keys(SCREENS)], ...Object.entries(SETTINGS)]);
const unknown = words.filter((word) => ![...known.values()].flat().map(String).includes(word));
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(', ')}. There are:`);
  for (const [name, values] of known) console.error(`  ${name}: ${values.join(', ')}`);
  process.exit(1);
}
/** A page is wanted if, of each setting that words choose from, it has one of the chosen values. */
const wanted = (page) => [...known].every(([name, values]) => {
  const chosen = words.filter((word) => values.map(String).includes(word));
  return chosen.length === 0 || chosen.includes(String(page[name]));
});

const pages = everyCombination(Object.keys(SCREENS)).filter(wanted);
console.log(`${pages.length} pictures into ${folder}`);
const town = await Town.build();
try {
  await furnish(town);
  const failures = await walkOnce(town, pages, async (person, screen, appearance) => {
    await keepPicture(person.page, screen, appearance);
    return [];
  });
  for (const failure of failures) console.error(failure);
  process.exitCode = failures.length > 0 ? 1 : 0;
} finally {
  await closeBrowser();
  await town.strike();
}
