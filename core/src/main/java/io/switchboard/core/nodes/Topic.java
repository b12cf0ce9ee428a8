package io.switchboard.core.nodes;

import org.jspecify.annotations.Nullable;

/** What a message between nodes is about. Codes are part of what nodes of several versions tell each other. */
public enum Topic {
    /** Tokens that count no more. */
    REVOCATIONS('r'),
    /** Who is connected. */
    SESSIONS('s'),
    /** How often somebody did something. */
    RATES('u'),
    /** Who is on a channel. */
    PRESENCE('p');

    final byte code;

    Topic(char code) {
        this.code = (byte) code;
    }

    // Null for one of a later version.
    static @Nullable Topic of(byte code) {
        for (Topic topic : values()) {
            if (topic.code == code) return topic;
        }
        return null;
    }
}
