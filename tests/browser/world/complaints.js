/**
 * What a browser complains of while a person works: refused by the content security policy, failed
 * scripts, missing files. None of it may happen on any page.
 *
 * Two witnesses, since each misses something: the event of a violation, which scripts of the page can hear,
 * and the browser's console, where a violation is told also if scripts are off.
 */

/** Where the page's own witness writes; taken away by each new page. */
const HEARD = '__violationsHeard';

/** Collects complaints of all pages of a browser window. */
export class Complaints {
  #found = [];

  /** Begins to listen; before the first page is opened. */
  static async of(context) {
    const complaints = new Complaints();
    await context.exposeBinding(HEARD, (_, violation) => complaints.#found.push(violation));
    await context.addInitScript((name) => {
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile, lineNumber }) => {
        globalThis[name](`policy: ${violatedDirective} refuses ${blockedURI} (${sourceFile}:${lineNumber})`);
      });
    }, HEARD);
    // A page that says why something is refused comes with the status of a refusal.
    const pages = new Set();
    context.on('request', (request) => request.isNavigationRequest() && pages.add(request.url().split('#')[0]));
    context.on('console', (message) => {
      const refusal = message.text().startsWith('Failed to load resource') && pages.has(message.location().url.split('#')[0]);
      if (message.type() === 'error' && !refusal) complaints.#found.push(`console: ${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (error) => complaints.#found.push(`script: ${error.error().message}`));
    return complaints;
  }

  /** All since the last time that they were taken. */
  take() {
    return this.#found.splice(0);
  }
}
