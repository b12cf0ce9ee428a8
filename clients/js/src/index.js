import { Client } from './client.js'

export { SwitchboardError } from './errors.js'

/**
 * A client of the Switchboard server at `url`. It connects with the first subscription.
 *
 * @param {string} url @param {import('../index.d.ts').Options} [options]
 */
export const connect = (url, options) => new Client(url, options)
