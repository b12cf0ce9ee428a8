// Chromium for the tests, and pages for it.
import { createHash, X509Certificate } from 'node:crypto'
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

const start = (...more) =>
  chromium.launch({
    executablePath,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync', ...more],
  })

export const launch = () => start('--disable-quic')

/**
 * One that speaks HTTP/3 with a server, its WebSockets too where there is a connection of it already.
 *
 * @param {string} host with its port
 * @param {string} ca file with the server's certificate
 */
export function launchWithQuic(host, ca) {
  const { publicKey } = new X509Certificate(readFileSync(ca))
  const key = createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('base64')
  return start('--enable-quic', `--origin-to-force-quic-on=${host}`, `--ignore-certificate-errors-spki-list=${key}`, '--enable-features=EnableWebsocketsOverHttp3')
}

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
