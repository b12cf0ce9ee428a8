package io.switchboard.server;

import io.switchboard.core.access.Authenticator;
import io.switchboard.core.access.Revocations;
import io.switchboard.core.access.Tickets;
import io.switchboard.core.time.Ticker;
import io.switchboard.security.keys.FileKeys;
import io.switchboard.security.keys.JwksKeys;
import io.switchboard.security.keys.KeyException;
import io.switchboard.security.keys.KeySource;
import io.switchboard.security.session.LocalTickets;
import io.switchboard.security.session.RevocationException;
import io.switchboard.security.session.SharedRevocations;
import io.switchboard.security.session.SharedTickets;
import io.switchboard.security.session.StoredRevocations;
import io.switchboard.security.token.TokenRules;
import io.switchboard.security.token.TokenVerifier;
import io.switchboard.server.config.Auth;
import io.switchboard.server.config.Settings;
import io.switchboard.server.config.StoreKind;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may come in, as the settings say. Keys are kept fresh by a thread of its own, which may wait for a disk; fetches
 * and writes have others.
 *
 * @param authenticator null if no keys are configured, and so everybody may do everything
 */
record Security(@Nullable Authenticator authenticator, Tickets tickets, Revocations revocations, Runnable end)
        implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Security.class);
    private static final long TICK_MILLIS = 1_000;
    private static final String REVOCATIONS_FILE = "revocations";

    /**
     * To be called when the store is open, which owns the data folder.
     *
     * @param together null for a server that is alone
     */
    static Security open(Settings settings, @Nullable Together together, Ticker ticker) throws StartFailure {
        Auth auth = settings.auth();
        long lifeMaxMillis = auth.tokenLifeMax().toMillis();
        long skewMillis = auth.clockSkew().toMillis();
        if (!auth.isOn()) {
            // Nobody has a name or a token then, so there is nothing that has to outlast a restart.
            StoredRevocations none = StoredRevocations.inMemory(ticker, lifeMaxMillis + skewMillis);
            return new Security(null, new LocalTickets(ticker, none), none, none::close);
        }
        KeySource keys = keys(auth, ticker);
        Remembered remembered;
        try {
            remembered = together == null
                    ? alone(settings, ticker, lifeMaxMillis + skewMillis)
                    : shared(together, ticker, lifeMaxMillis + skewMillis);
        } catch (RevocationException unusable) {
            close(keys);
            throw new StartFailure(unusable.sentence(), unusable);
        }
        ScheduledExecutorService ticks = Executors.newSingleThreadScheduledExecutor(
                task -> Thread.ofPlatform().daemon().name("keys").unstarted(task));
        ticks.scheduleWithFixedDelay(() -> tick(keys, remembered), 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
        TokenRules rules =
                new TokenRules(auth.issuer().orElse(null), auth.audience().orElse(null), skewMillis, lifeMaxMillis);
        return new Security(
                new TokenVerifier(keys, rules, remembered.revocations(), ticker),
                remembered.tickets(),
                remembered.revocations(),
                () -> {
                    ticks.shutdownNow();
                    close(keys);
                    remembered.close().run();
                });
    }

    /** What is remembered of those who were let in or shut out; {@code tick} wants to be called every second. */
    private record Remembered(Tickets tickets, Revocations revocations, Runnable tick, Runnable close) {}

    private static Remembered alone(Settings settings, Ticker ticker, long lifeMaxMillis) throws RevocationException {
        StoredRevocations revocations = settings.store() == StoreKind.MEMORY
                ? StoredRevocations.inMemory(ticker, lifeMaxMillis)
                : StoredRevocations.open(settings.data().resolve(REVOCATIONS_FILE), ticker, lifeMaxMillis);
        return new Remembered(new LocalTickets(ticker, revocations), revocations, () -> {}, revocations::close);
    }

    private static Remembered shared(Together together, Ticker ticker, long lifeMaxMillis) throws RevocationException {
        SharedRevocations revocations =
                SharedRevocations.open(together.revocations(), together.nodes(), ticker, lifeMaxMillis);
        SharedTickets tickets = new SharedTickets(together.shelf(), together.key(), revocations, ticker);
        return new Remembered(tickets, revocations, revocations::tick, () -> {});
    }

    private static KeySource keys(Auth auth, Ticker ticker) throws StartFailure {
        if (auth.jwks().isPresent()) {
            return new JwksKeys(auth.jwks().get(), auth.jwksRefresh(), ticker, task -> Thread.ofVirtual()
                    .name("keys")
                    .start(task));
        }
        try {
            return FileKeys.open(auth.keys().orElseThrow(), ticker);
        } catch (KeyException unusable) {
            throw new StartFailure(unusable.sentence(), unusable);
        }
    }

    // Whatever goes wrong once, the next tick comes.
    private static void tick(KeySource keys, Remembered remembered) {
        try {
            keys.tick();
            remembered.tick().run();
        } catch (RuntimeException unexpected) {
            LOG.error("Looking for new keys went wrong", unexpected);
        }
    }

    private static void close(KeySource keys) {
        if (keys instanceof JwksKeys fetched) fetched.close();
    }

    /** Returns when what was revoked before is written. */
    @Override
    public void close() {
        end.run();
    }
}
