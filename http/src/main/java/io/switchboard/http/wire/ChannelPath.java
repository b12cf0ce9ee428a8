package io.switchboard.http.wire;

import io.switchboard.core.channel.ChannelName;

/**
 * The channel that the rest of a path names. Each segment is percent-decoded once, so that an encoded
 * slash is no separator: it is refused, like every character that channel names do not have.
 */
public sealed interface ChannelPath {
    record Named(ChannelName name) implements ChannelPath {}

    /** @param sentence what is wrong, for the detail of a {@link Problem} */
    record Refused(String sentence) implements ChannelPath {}

    /** @param raw the path behind the prefix, without the slash between them and without the query */
    static ChannelPath parse(String raw) {
        String name = raw;
        if (raw.indexOf('%') >= 0) {
            for (int at = raw.indexOf('%'); at >= 0; at = raw.indexOf('%', at + 1)) {
                if (raw.regionMatches(true, at, "%2f", 0, 3)) {
                    return new Refused("A segment of a channel name has no slash in it, encoded or not.");
                }
            }
            // Without encoded slashes, decoding all segments at once is decoding each.
            name = PercentEncoding.decode(raw);
            if (name == null) return new Refused("The path is not percent-encoded UTF-8.");
        }
        String problem = ChannelName.problemWith(name);
        return problem == null ? new Named(new ChannelName(name)) : new Refused(problem);
    }
}
