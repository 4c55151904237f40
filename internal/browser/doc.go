// Package browser has no code of its own: its tests start the whole program on
// a free port and use it as people do, in a real Chromium, with and without
// script, in every language of the pages, on a desktop and on a phone. axe-core
// judges every page that they come to.
//
// They need Chromium, and axe-core by `npm ci` in tools/browser; without either
// they are skipped and say so, except where CI=true. HEADWATER_BROWSER=all runs
// every walk in every language with and without script, and the whole crawl.
package browser
