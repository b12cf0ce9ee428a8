// Chromium for the tests, and pages for it.
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const package_ = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Why there is no browser here; undefined if there is. */
export const missingBrowser = () => (existsSync(executablePath) ? undefined : `there is no Chromium at ${executablePath}`)

export const launch = () =>
  chromium.launch({
    executablePath,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-sync'],
  })

/** A server of an empty page and of the package, on an origin of its own; `refuses` is a file that is not to be had. */
export async function servePages() {
  const served = { refuses: undefined, requests: [] }
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://pages')
    const file = path.join(package_, pathname.replace(/^\/switchboard-client\//, '/'))
    if (pathname === '/') return response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>Test</title>')
    served.requests.push(pathname)
    if (served.refuses && pathname.endsWith(served.refuses)) return response.writeHead(503).end()
    if (!existsSync(file)) return response.writeHead(404).end()
    response.setHeader('Content-Type', file.endsWith('.html') ? 'text/html' : 'text/javascript').end(readFileSync(file))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(served, {
    origin: `http://127.0.0.1:${server.address().port}`,
    module: '/switchboard-client',
    stop() {
      server.close()
      server.closeAllConnections()
    },
  })
}
