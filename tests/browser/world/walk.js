/**
 * Shows screens in appearances, one window for each person and appearance.
 */
import { personAt } from './browser.js';
import { change, nameOf, USUAL } from './appearance.js';
import { SCREENS } from './screens.js';

/**
 * Comes to every page and does something there; what failed is gathered, so that one defect hides no other.
 *
 * @param {import('./town.js').Town} town
 * @param {{screen: string}[]} pages a screen and an appearance each
 * @param {(person: object, screen: string) => Promise<void>} look
 * @returns {Promise<string[]>} what went wrong, with the page on which it did
 */
export async function walk(town, pages, look) {
  const windows = new Map();
  for (const { screen, ...appearance } of pages) {
    const window = `${SCREENS[screen].who} ${nameOf(appearance)}`;
    windows.set(window, [...(windows.get(window) ?? []), { screen, appearance }]);
  }
  const failures = [];
  for (const shown of windows.values()) {
    const first = SCREENS[shown[0].screen];
    const desk = await town.desk(first.who, first.desk);
    const person = await personAt(desk, shown[0].appearance);
    for (const { screen } of shown) {
      const { come, leave } = SCREENS[screen];
      try {
        await come(person, desk);
        await look(person, screen);
      } catch (error) {
        failures.push(`${screen} (${nameOf(person.settings)}): ${error.actual?.join?.('\n  ') ?? error.message}`);
      }
      await leave?.(person, desk);
      person.complaints();
    }
    await person.leave();
  }
  return failures;
}

/**
 * Comes to every screen once for each language and sets the page to every other appearance that is wanted: what the
 * desk sends does not depend on those.
 *
 * @param {import('./town.js').Town} town
 * @param {{screen: string}[]} pages a screen and an appearance each
 * @param {(person: object, screen: string, appearance: object) => Promise<string[]>} look all that is wrong
 * @returns {Promise<string[]>} what went wrong, with the page on which it did
 */
export async function walkOnce(town, pages, look) {
  const wanted = new Map();
  for (const { screen, ...appearance } of pages) {
    const key = `${appearance.language} ${screen}`;
    wanted.set(key, [...(wanted.get(key) ?? []), appearance]);
  }
  const once = [...wanted.keys()].map((key) => key.split(' ')).map(([language, screen]) => ({ screen, ...USUAL, language }));
  return walk(town, once, async (person, screen) => {
    const found = [];
    try {
      for (const appearance of wanted.get(`${person.settings.language} ${screen}`)) {
        await change(person.page, appearance);
        const faults = await look(person, screen, appearance);
        found.push(...faults.map((fault) => `${nameOf(appearance)}: ${fault}`));
      }
    } finally {
      await change(person.page, person.settings);
    }
    if (found.length > 0) throw new Error(found.join('\n  '));
  });
}
