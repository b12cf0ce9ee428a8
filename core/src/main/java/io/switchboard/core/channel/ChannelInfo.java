package io.switchboard.core.channel;

/**
 * What stays of a channel from its creation to its end, as committed.
 *
 * @param name its name
 * @param id the store's own number for this incarnation of the name; never used again
 * @param type of its messages
 * @param expiry when it ends by itself
 * @param lineage which generation wrote which messages
 * @param createdMillis when it was created, since 1970
 */
public record ChannelInfo(
        ChannelName name, long id, ContentType type, Expiry expiry, Lineage lineage, long createdMillis) {
    public ChannelInfo with(Lineage newLineage) {
        return new ChannelInfo(name, id, type, expiry, newLineage, createdMillis);
    }
}
