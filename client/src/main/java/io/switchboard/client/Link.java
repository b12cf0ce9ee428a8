package io.switchboard.client;

import java.util.List;

/** One transport at work. All calls, both ways, on the loop. */
interface Link {
    /** What a link tells, and what it may use. */
    interface Owner {
        /** Something came through it that only the server could send. */
        void proven(Link link);

        /** It has come to its end by itself; nothing more comes of it. */
        void over(Link link, Over over);

        /** Whether a sign of life is late. */
        void late(Link link, boolean isLate);

        /** The server says that the token is about to end. */
        void expiring(Link link);

        /** The server has accepted the token. */
        void accepted();

        /** The server has not accepted this token, and the one before still counts. */
        void refused(String token);

        /** The feeds that are to be read now. */
        List<Feed> active();

        /** From [0, 1). */
        double random();
    }

    /** How a link came to its end. */
    record Over(Kind kind, String why, Backoff.Told told) {
        enum Kind {
            /** It was lost, or never came about. */
            LOST,
            /** The server cannot now, by its own word. */
            BUSY,
            /** The server said that it would end it. */
            PLANNED,
            /** The token is not accepted, or is over. */
            UNAUTHORIZED,
            /** The server does not want this client. */
            FINAL,
            /** Somebody else answers in place of the server. */
            STRANGER,
            /** The server says that nothing is where this client asks: its URL is wrong. */
            NOWHERE
        }

        /** Whether it is the server's own word that it will not be otherwise tomorrow. */
        boolean isFinal() {
            return kind == Kind.FINAL || kind == Kind.NOWHERE;
        }

        // Only who says when to come back speaks for the server: a proxy may answer so for one way of several.
        static Kind busyOrLost(int status, Backoff.Told told) {
            boolean saysWhen = !(told instanceof Backoff.Told.Nothing);
            return saysWhen && (status == 429 || status == 503) ? Kind.BUSY : Kind.LOST;
        }

        static Over lost(String why) {
            return new Over(Kind.LOST, why, Backoff.Told.NOTHING);
        }

        static Over unauthorized(String why) {
            return new Over(Kind.UNAUTHORIZED, why, Backoff.Told.NOTHING);
        }

        static Over stranger(String why) {
            return new Over(Kind.STRANGER, why, Backoff.Told.NOTHING);
        }

        static Over refused(String why) {
            return new Over(Kind.FINAL, why, Backoff.Told.NOTHING);
        }

        /** By an answer that is no success, and is about the connection. */
        static Over of(Answer answer) {
            String why = answer.status() == 0 ? answer.why() : "answered " + answer.status();
            if (answer.status() == 401) return unauthorized(why);
            if (answer.isPassing()) return new Over(busyOrLost(answer.status(), answer.told()), why, answer.told());
            // Only the server's own word is final; anything in between may be another thing tomorrow.
            if (answer.problem().isEmpty()) return stranger(why + ", and not by a Switchboard server");
            if (!answer.isNowhere()) return refused(why);
            String sentence = answer.refusal().getMessage();
            return new Over(Kind.NOWHERE, "the path of the URL is wrong: " + sentence, Backoff.Told.NOTHING);
        }
    }

    Transport transport();

    /** The token it showed last; empty if none. */
    String token();

    /** Begins to prove itself; what it reads, it reads for the feeds that are active. */
    void begin();

    /** From now on this is the link that is read over. */
    void use();

    /** Reads this channel from its cursor, anew if it does already. */
    void follow(Feed feed);

    /** Does not read this channel any more. */
    void unfollow(Feed feed);

    /** Does not read this channel until it is followed again, which may be soon. */
    default void pause(Feed feed) {
        unfollow(feed);
    }

    /** Another rate is wanted of it, or presence is that was not, or no more. */
    default void rewanted(Feed feed) {}

    /** There is a new token. */
    void renewed(String token);

    /** Ends it. Nothing is told any more. */
    void end();
}
