package io.switchboard.cli.doctor;

import io.switchboard.cli.place.Credentials;
import io.switchboard.cli.place.Failure;
import java.util.List;
import java.util.Optional;

/**
 * Looks at a server step by step. Every wait has an end, whatever the peer does: a hostile server costs the patience for
 * each step, and a sentence.
 */
public final class Doctor {
    private static final List<Check> CHECKS = List.of(
            new ReachCheck(),
            new TlsCheck(),
            new HttpCheck(),
            new ClockCheck(),
            new TokenCheck(),
            new ChannelCheck(),
            new EventsCheck(),
            new LongPollCheck(),
            new WebSocketCheck(),
            new EchoCheck(),
            new BodyCheck(),
            new OriginCheck(),
            new IdleCheck());

    private final Target target;
    private final Examination examination;
    private final Credentials credentials;
    private final Trust trust;

    /** @throws Failure if the file with the certificates to trust cannot be used */
    public Doctor(Target target, Examination examination, Credentials credentials) throws Failure {
        this.target = target;
        this.examination = examination;
        this.credentials = credentials;
        this.trust = Trust.of(examination.trusted());
    }

    /**
     * Tells the audience all that is found.
     *
     * @return what kind of proxy stands in front, if it can be told
     */
    public Optional<Proxy> examine(Audience audience) throws InterruptedException {
        try (Watch watch = new Watch()) {
            Visit visit = new Visit(target, examination, credentials, trust, watch, audience);
            try {
                for (Check check : CHECKS) {
                    if (visit.isOver()) break;
                    audience.looking(check.step());
                    look(check, visit);
                }
            } finally {
                visit.testChannel().ifPresent(channel -> channel.remove(visit));
            }
            return visit.proxyKind();
        }
    }

    private static void look(Check check, Visit visit) throws InterruptedException {
        try {
            check.run(visit);
        } catch (WireFailure failed) {
            Step step = check.step();
            visit.found(Finding.trouble(step, step + "-failed", "What answers there " + failed.predicate() + "."));
        }
    }
}
