/**
 * Who is there, as a feed is told it; all of its subscriptions are told then.
 *
 * @param {import('./feed.js').Feed} feed
 * @param {{ event: string, members?: { id: string }[], member?: { id: string }, count?: number }} [told] nothing: it is not known
 */
export function present(feed, { event, members, member, count } = {}) {
  if (!event && feed.roster?.known === false) return
  if (event === 'join') feed.members.set(member.id, member)
  else if (event === 'leave') feed.members.delete(member.id)
  else feed.members = new Map(members?.map((each) => [each.id, each]))
  const named = member || members
  feed.roster = {
    known: Boolean(event),
    count: named ? feed.members.size : count,
    members: named && [...feed.members.values()],
  }
  for (const each of feed.subscriptions) each.present(feed.roster)
}
