// A subscription that is not in step with its feed reads on by itself, from its own cursor.
import { delay } from './backoff.js'
import { unanswered } from './errors.js'
import { Feed } from './feed.js'
import { isPassing } from './http.js'
import { pause } from './pause.js'
import { Pages } from './pages.js'

// What is left of a page waits for a slow reader: it is read once, and there is one for each.
const roomOf = (subscription, signal) =>
  new Promise((resolve) => {
    const over = () => {
      signal.removeEventListener('abort', over)
      resolve()
    }
    subscription.onRoom = over
    signal.addEventListener('abort', over)
    if (signal.aborted) over()
  })

/**
 * Resolves when the subscription is in step with its feed, when it is full, and when it has ended.
 *
 * @param {import('./subscription.js').Subscription} subscription
 */
export async function catchUp(http, subscription, feed, signal) {
  const pages = new Pages(http, feed.channel)
  const room = () => subscription.isFull && roomOf(subscription, signal)
  const goesOn = () => !signal.aborted && !subscription.isFull
  for (let attempt = 0; goesOn(); ) {
    try {
      // One page, as a feed of its own: from another transport the same may come meanwhile.
      const own = new Feed(feed.channel, subscription.cursor.at)
      own.subscriptions.add(subscription)
      const page = await pages.read(own, { signal, room })
      if (!goesOn()) return
      // Its feed ended with the channel: what is there now is another one of that name.
      if (page.upToDate && feed.over) subscription.finish({ reason: 'deleted' })
      if (page.upToDate && !feed.isAhead(subscription.cursor)) return
      // Where there is nothing of what there should be, nobody asks without end.
      if (subscription.cursor.at === page.asked) throw unanswered('what the channel has is not there')
      attempt = 0
    } catch (error) {
      if (signal.aborted) return
      if (!isPassing(error)) throw error
      await pause(delay(attempt++, Math.random(), error.told), signal)
    }
  }
}
