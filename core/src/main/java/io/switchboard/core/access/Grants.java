package io.switchboard.core.access;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ChannelPattern;
import java.util.List;

/**
 * What somebody may do. Immutable.
 *
 * @param admin may see and end sessions, and read the figures of the server; no channel by that alone
 */
public record Grants(
        List<ChannelPattern> read, List<ChannelPattern> write, List<ChannelPattern> manage, boolean admin) {
    private static final List<ChannelPattern> ALL = List.of(new ChannelPattern("**"));

    public static final Grants NOTHING = new Grants(List.of(), List.of(), List.of(), false);
    public static final Grants EVERYTHING = new Grants(ALL, ALL, ALL, true);

    public Grants {
        read = List.copyOf(read);
        write = List.copyOf(write);
        manage = List.copyOf(manage);
    }

    public boolean allow(Right right, ChannelName channel) {
        List<ChannelPattern> patterns =
                switch (right) {
                    case READ -> read;
                    case WRITE -> write;
                    case MANAGE -> manage;
                };
        for (ChannelPattern pattern : patterns) {
            if (pattern.matches(channel)) return true;
        }
        return false;
    }
}
