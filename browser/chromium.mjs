// The browser that the tests of this folder open pages in.
import { chromium } from 'playwright-core'

const start = (...more) =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  })

export const launch = () => start('--disable-quic')

/**
 * One that speaks HTTP/3 with a server from its first request on, and takes its certificate.
 *
 * @param {string} origin host and port
 * @param {string} key SHA-256 of the certificate's public key, in Base64
 */
export const launchWithQuic = (origin, key) =>
  start(
    '--enable-quic',
    `--origin-to-force-quic-on=${origin}`,
    `--ignore-certificate-errors-spki-list=${key}`,
    '--enable-features=EnableWebsocketsOverHttp3',
  )
