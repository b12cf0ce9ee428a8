package io.switchboard.server;

import io.switchboard.core.access.Authenticator;
import io.switchboard.core.time.Ticker;
import io.switchboard.http.HttpListener;
import io.switchboard.http.Sessions;
import io.switchboard.http.Traffic;
import io.switchboard.http.access.Cors;
import io.switchboard.http.access.Doorman;
import io.switchboard.http.access.Entrance;
import io.switchboard.http.access.Gate;
import io.switchboard.http.access.Seal;
import io.switchboard.http.access.SessionHandler;
import io.switchboard.http.access.SessionsOfAll;
import io.switchboard.http.access.TicketHandler;
import io.switchboard.http.live.Greeting;
import io.switchboard.server.config.Settings;
import java.security.SecureRandom;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where requests come in, with those who know who is who behind it.
 *
 * @param entrance null if anybody may do anything
 * @param greeting null if anybody may do anything
 */
record Doors(
        Cors cors, @Nullable Entrance entrance, @Nullable Greeting greeting) {
    private static final String COOKIES = "cookie";

    /**
     * @param together null for a server that is alone
     * @param listener whose sessions are ended when they are revoked, from now on
     * @throws StartFailure if the key of cookies cannot be had
     */
    static Doors open(
            Settings settings,
            Security security,
            @Nullable Together together,
            HttpListener listener,
            Traffic traffic,
            Ticker ticker)
            throws StartFailure {
        Authenticator authenticator = security.authenticator();
        Cors cors =
                new Cors(settings.origins().any(), Set.copyOf(settings.origins().listed()), authenticator != null);
        if (authenticator == null) return new Doors(cors, null, null);
        Seal seal = together == null ? cookies(settings) : together.key().cookies();
        Sessions sessions = listener.sessions();
        Gate gate = new Gate(authenticator, security.tickets(), security.revocations(), traffic, ticker);
        security.revocations().listen(sessions::end);
        return new Doors(
                cors,
                new Entrance(
                        new Doorman(gate, seal, cors),
                        new TicketHandler(gate),
                        new SessionHandler(
                                gate,
                                sessions,
                                together == null ? null : ofAll(together, listener),
                                settings.auth().clockSkew().toMillis())),
                new Greeting(gate, settings.auth().firstMessage().toMillis()));
    }

    private static Seal cookies(Settings settings) throws StartFailure {
        SecureRandom random = new SecureRandom();
        return new Seal(CookieKey.of(settings, random), COOKIES, random);
    }

    private static SessionsOfAll ofAll(Together together, HttpListener listener) {
        return new SessionsOfAll(
                together.nodes(),
                together.shelf(),
                together.key().sessions(),
                listener.sessions(),
                listener.loops().getFirst());
    }
}
