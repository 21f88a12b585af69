/** Few pages show every pair of settings, and never more than allowed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SETTINGS, USUAL } from '../world/appearance.js';
import { everyCombination, pairwise } from '../world/combinations.js';

const SCREENS = Array.from({ length: 30 }, (_, at) => `screen-${at}`);

/** Whether two values are seen together on a page. */
const meet = (pages, [first, one], [second, other]) => pages.some((page) => page[first] === one && page[second] === other);

test('every_screen_comes_once_as_usual_before_anything_else', () => {
  const { pages } = pairwise(SCREENS, 150);
  assert.deepEqual(pages.slice(0, 30), SCREENS.map((screen) => ({ screen, ...USUAL })));
});

test('any_two_values_meet_on_a_page_and_far_fewer_pages_than_all_are_needed', () => {
  const { pages, missed } = pairwise(SCREENS, 150);
  const values = Object.entries({ screen: SCREENS, ...SETTINGS }).flatMap(([name, list]) => list.map((value) => [name, value]));
  const pairs = values.flatMap((one) => values.filter(([name]) => name > one[0]).map((other) => [one, other]));
  assert.deepEqual(pairs.filter(([one, other]) => !meet(pages, one, other)), []);
  assert.deepEqual({ missed, few: pages.length <= 120 }, { missed: [], few: true });
  assert.equal(everyCombination(SCREENS).length, 30 * 2 * 3 * 2 * 3 * 2);
});

test('a_limit_holds_and_what_it_costs_is_counted', () => {
  const { pages, missed } = pairwise(SCREENS, 40);
  assert.equal(pages.length, 40);
  assert.ok(missed.length > 0);
  assert.ok(missed.every((pair) => pair.length === 2 && pair.every((value) => value.includes('='))));
  assert.throws(() => pairwise(SCREENS, 29), RangeError);
});
