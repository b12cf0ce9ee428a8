// What the types allow and what they do not; checked by tsc, and not run.
import { advised } from '../advised.js'
import { connect, SwitchboardError, type Message, type State } from '../index.js'

const client = connect('http://127.0.0.1:8080', { getToken: async () => 'token', transports: ['sse', 'polling'], onState: (state: State) => state.why })
const prices = client.channel<{ price: number }>('prices')
const subscription = prices.subscribe({ from: '-1', rate: 2, onMessage: (data, { offset, skipped, gap }) => [data.price, offset, skipped, gap?.to] })
prices.publish({ price: 1 }).catch((error: SwitchboardError) => error.code)
prices.publishAll([{ price: 1 }, { price: 2 }])
const each = async () => {
  for await (const message of subscription) {
    const known: Message<{ price: number }> = message
    known.data.price.toFixed()
  }
}
each()
advised('http://127.0.0.1:8080', 'prices', { token: 'token' }).then(({ transports }) => connect('http://127.0.0.1:8080', { transports }))
client.retry()
client.close()
// @ts-expect-error no such transport
connect('http://127.0.0.1:8080', { transports: ['carrier pigeon'] })
// @ts-expect-error not what the channel holds
prices.publish('1')
// @ts-expect-error an end is told by a word
subscription.close('now')
