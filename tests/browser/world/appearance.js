/**
 * How a person has set their browser: language, width, colours, contrast, size of text.
 *
 * An appearance is plain data, so that lists of them can be combined and a picture can be named after one.
 */

/** Every value of every setting, the usual one first. */
export const SETTINGS = {
  language: ['fr', 'en'],
  width: [360, 320, 1280],
  colours: ['light', 'dark'],
  contrast: ['usual', 'more', 'forced'],
  text: [100, 200],
};

/** A phone's width, in French, in daylight. */
export const USUAL = Object.fromEntries(Object.entries(SETTINGS).map(([name, [first]]) => [name, first]));

/** Heights in CSS pixels that go with the widths: two phones, and a computer. */
const HEIGHTS = { 320: 568, 360: 740, 1280: 800 };
/** The size that browsers give to text, in pixels, and of text of fixed width. */
const TEXT = { standard: 16, fixed: 13 };

/** The options of a browser window with this appearance. */
export const contextOptions = ({ language, width, colours, contrast }) => ({
  viewport: { width, height: HEIGHTS[width] },
  locale: language === 'en' ? 'en-GB' : 'fr-FR',
  colorScheme: colours,
  contrast: contrast === 'more' ? 'more' : 'no-preference',
  forcedColors: contrast === 'forced' ? 'active' : 'none',
  reducedMotion: 'reduce',
});

const sessions = new WeakMap();

/**
 * Sets the page to this appearance, again if need be: a window that changes its size forgets the size of text
 * and the colours that a person has forced, although it still tells that it has them.
 */
export async function wear(page, { colours, contrast, text }) {
  const { forcedColors, contrast: wanted } = contextOptions({ colours, contrast });
  await page.emulateMedia({ colorScheme: colours, contrast: wanted, forcedColors: 'none' });
  await page.emulateMedia({ forcedColors });
  if (!sessions.has(page)) sessions.set(page, page.context().newCDPSession(page));
  const fontSizes = Object.fromEntries(Object.entries(TEXT).map(([name, size]) => [name, (size * text) / 100]));
  await (await sessions.get(page)).send('Page.setFontSizes', { fontSizes });
}

/** What of an appearance the page does not have, in sentences. */
export const notWorn = (page, { width, colours, contrast, text }) =>
  page.evaluate(([width, colours, contrast, size]) => {
    const found = [];
    const root = getComputedStyle(document.documentElement);
    if (innerWidth !== width) found.push(`the window is ${innerWidth} px wide and not ${width}`);
    if (root.fontSize !== `${size}px`) found.push(`text has ${root.fontSize} and not ${size}px`);
    if (!matchMedia(`(prefers-color-scheme: ${colours})`).matches) found.push(`colours are not ${colours}`);
    if (contrast === 'more' && !matchMedia('(prefers-contrast: more)').matches) found.push('contrast is not more');
    // Forced colours replace whatever is asked for by the system's own.
    const probe = document.createElement('p');
    probe.style.color = 'rgb(1, 2, 3)';
    document.body.append(probe);
    const forced = getComputedStyle(probe).color !== 'rgb(1, 2, 3)';
    probe.remove();
    if (forced !== (contrast === 'forced')) found.push(`colours are ${forced ? '' : 'not '}forced`);
    return found.map((sentence) => `appearance: ${sentence}`);
  }, [width, colours, contrast, (TEXT.standard * text) / 100]);

/** Sets an open page to this appearance, its window too; its language is the desk's, and stays. */
export async function change(page, settings) {
  await page.setViewportSize(contextOptions(settings).viewport);
  await wear(page, settings);
}

/** A short name for files. */
export const nameOf = ({ language, width, colours, contrast, text }) =>
  [language, width, colours, contrast, text].join('-');
