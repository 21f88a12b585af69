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

/** Sets the size of text as the browser's own settings do. */
export async function setTextSize(page, { text }) {
  if (text === 100) return;
  const session = await page.context().newCDPSession(page);
  const fontSizes = Object.fromEntries(Object.entries(TEXT).map(([name, size]) => [name, (size * text) / 100]));
  await session.send('Page.setFontSizes', { fontSizes });
}

/** A short name for files. */
export const nameOf = ({ language, width, colours, contrast, text }) =>
  [language, width, colours, contrast, text].join('-');
