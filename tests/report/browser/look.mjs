// Opens each page in one browser, light and dark, as wide as a phone and as a desk, and says as JSON what is wrong with it.
// node look.mjs FOLDER-OF-PACKAGES CHROMIUM FOLDER-FOR-PICTURES PAGE…

import { createRequire } from "node:module";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";

const [packages, chromium, pictures, ...pages] = process.argv.slice(2);
const from = createRequire(join(packages, "package.json"));
const { chromium: browsers } = from("playwright-core");
const axe = readFileSync(from.resolve("axe-core/axe.min.js"), "utf8");

const quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const profile = mkdtempSync(join(tmpdir(), "report-browser-"));
const found = [];
try {
  // Root has no sandbox in Chromium. The pages are our own, and each is looked at without a network.
  const sandbox = process.getuid() === 0 ? ["--no-sandbox"] : [];
  const browser = await browsers.launch({ executablePath: chromium, args: [...quiet, ...sandbox], headless: true, env: { ...process.env, HOME: profile } });
  for (const file of pages) {
    const own = pathToFileURL(file).href;
    const name = basename(file, ".html");
    for (const colorScheme of ["light", "dark"]) {
      const context = await browser.newContext({ colorScheme, offline: true });
      const page = await context.newPage();
      const outside = [];
      const noise = [];
      page.on("request", (request) => { if (request.url() !== own) outside.push(request.url()); });
      page.on("dialog", (dialog) => { noise.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
      page.on("console", (message) => noise.push(`console: ${message.text()}`));
      page.on("pageerror", (error) => noise.push(`error: ${error.message}`));
      await page.goto(own);
      const scripts = await page.evaluate(() => document.scripts.length);
      const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const onScreen = await paper();
      await page.emulateMedia({ media: "print" });
      const printed = await paper();
      await page.emulateMedia({ media: "screen" });
      await page.evaluate(axe);
      for (const width of [360, 1280]) {
        await page.setViewportSize({ width, height: 1500 });
        const scrolls = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
        await page.screenshot({ path: join(pictures, `${name}-${colorScheme}-${width}.png`) });
        const result = await page.evaluate(() => window.axe.run(document));
        const violations = result.violations.map((it) => `${it.id}: ${it.help}: ${it.nodes.map((node) => node.target).join(" ")}`);
        found.push({ page: basename(file), colorScheme, width, outside, noise, scrolls, scripts, paper: onScreen, printed, violations, passes: result.passes.length });
      }
      await context.close();
    }
  }
  await browser.close();
} finally {
  rmSync(profile, { recursive: true, force: true });
}
console.log(JSON.stringify(found));
