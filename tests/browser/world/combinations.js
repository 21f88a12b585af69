/**
 * Which screens are looked at in which appearance, when all combinations are too many.
 *
 * Every screen comes once as it usually is. After that pages are chosen so that any two values (a screen
 * and a width, dark colours and large text, …) meet on at least one page: defects of a page rarely need
 * three settings at once. The choice is greedy and always the same; no dice.
 */
import { SETTINGS, USUAL } from './appearance.js';

/** A setting's value, or a screen, as one word. */
const word = (name, value) => `${name}=${value}`;

/** All pairs of values that meet on a page. */
function* pairsOf(page) {
  const words = Object.entries(page).map(([name, value]) => word(name, value));
  for (const [at, first] of words.entries()) {
    for (const second of words.slice(at + 1)) yield `${first} ${second}`;
  }
}

/** Two settings meet for all screens at once: where pages are few, they come first. */
const worth = (pair) => (pair.includes('screen=') ? 1 : 10);

/** All pages there could be. */
export function everyCombination(screens) {
  let pages = screens.map((screen) => ({ screen }));
  for (const [name, values] of Object.entries(SETTINGS)) {
    pages = pages.flatMap((page) => values.map((value) => ({ ...page, [name]: value })));
  }
  return pages;
}

/**
 * The pages to look at, the usual ones first.
 *
 * @param {string[]} screens their names
 * @param {number} limit no more pages than that
 * @returns {{pages: object[], missed: string[][]}} `missed` are the pairs that never meet, in words
 */
export function pairwise(screens, limit) {
  const pages = screens.map((screen) => ({ screen, ...USUAL }));
  if (pages.length > limit) throw new RangeError(`${screens.length} screens are more than ${limit} pages`);
  const candidates = everyCombination(screens).map((page) => ({ page, pairs: [...pairsOf(page)] }));
  const missing = new Set(candidates.flatMap(({ pairs }) => pairs));
  const meet = (pairs) => { for (const pair of pairs) missing.delete(pair); };
  pages.forEach((page) => meet(pairsOf(page)));
  while (missing.size > 0 && pages.length < limit) {
    let best = { gain: 0 };
    for (const { page, pairs } of candidates) {
      const gain = pairs.filter((pair) => missing.has(pair)).reduce((sum, pair) => sum + worth(pair), 0);
      if (gain > best.gain) best = { page, pairs, gain };
    }
    pages.push(best.page);
    meet(best.pairs);
  }
  return { pages, missed: [...missing].map((pair) => pair.split(' ')) };
}
