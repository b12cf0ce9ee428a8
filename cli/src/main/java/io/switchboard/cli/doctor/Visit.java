package io.switchboard.cli.doctor;

import io.switchboard.cli.place.Credentials;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the checks of one run share: how to reach the server, and what is known of it so far. One thread, but connections are opened by any. */
final class Visit {
    /** No channel of this name has to exist: what is asked of it works without. */
    static final String ANY_CHANNEL = "switchboard-doctor";

    private static final int TOKEN_PART_LENGTH = 12; // of a token, to know it by
    private static final String HIDDEN = "What was said to this repeats the token, so it is not shown.";

    private final Target target;
    private final Examination examination;
    private final Credentials credentials;
    private final Trust trust;
    private final Watch watch;
    private final Audience audience;

    private @Nullable InetAddress address;
    private boolean trusted;
    private boolean over;
    private boolean webSocket;
    private Optional<Answer> first = Optional.empty();
    private Optional<TestChannel> channel = Optional.empty();
    private final Set<String> refusals = new HashSet<>(); // those that were told: a few words of the catalogue

    Visit(
            Target target,
            Examination examination,
            Credentials credentials,
            Trust trust,
            Watch watch,
            Audience audience) {
        this.target = target;
        this.examination = examination;
        this.credentials = credentials;
        this.trust = trust;
        this.watch = watch;
        this.audience = audience;
        trusted = !target.isSecure();
    }

    Target target() {
        return target;
    }

    Examination examination() {
        return examination;
    }

    Duration patience() {
        return examination.patience();
    }

    Trust trust() {
        return trust;
    }

    /** Tells what was found, unless a peer has put the token into it. */
    void found(Finding finding) {
        audience.found(repeatsToken(finding.sentence()) ? finding.saying(HIDDEN) : finding);
    }

    private boolean repeatsToken(String sentence) {
        String token = credentials.token().orElse("");
        int part = Math.min(token.length(), TOKEN_PART_LENGTH);
        for (int i = 0; part > 0 && i + part <= sentence.length(); i++) {
            if (token.contains(sentence.substring(i, i + part))) return true;
        }
        return false;
    }

    /** Nothing more can be found out. */
    void giveUp() {
        over = true;
    }

    boolean isOver() {
        return over;
    }

    void reachedAt(InetAddress good) {
        address = good;
    }

    /** Where the server was reached. */
    InetAddress address() {
        if (address == null) throw new IllegalStateException("not reached yet");
        return address;
    }

    void trusts() {
        trusted = true;
    }

    /** Whether one has opened, and answered. */
    boolean hasWebSocket() {
        return webSocket;
    }

    void usesWebSocket() {
        webSocket = true;
    }

    /** The token, if there is one and it may be shown to who answers there. */
    Optional<String> token() {
        return trusted ? credentials.token() : Optional.empty();
    }

    /** The first answer of the server: its clock, and who stands in front of it. */
    Optional<Answer> firstAnswer() {
        return first;
    }

    void answered(Answer answer) {
        first = Optional.of(answer);
    }

    /** Who stands in front of the server, for a sentence. */
    String proxy() {
        return first.flatMap(Answer::author)
                .map(name -> "a proxy (" + name + ")")
                .orElse("something in between");
    }

    Optional<Proxy> proxyKind() {
        return first.flatMap(Answer::proxy);
    }

    /** Whether this refusal, a word of the catalogue, was not told before: one finding says it for all that follow from it. */
    boolean isFirst(String refusal) {
        return refusals.add(refusal);
    }

    /** The channel that may be written to, once it is there. */
    Optional<TestChannel> testChannel() {
        return channel;
    }

    void mayWriteTo(TestChannel writable) {
        channel = Optional.of(writable);
    }

    /** The channel to read, which exists; none if none was named. */
    Optional<String> readable() {
        return channel.map(TestChannel::name).or(target::channel);
    }

    /** A name for what works on any channel. */
    String someChannel() {
        return readable().orElse(ANY_CHANNEL);
    }

    /** A connection without TLS to one of the server's addresses. */
    Wire connect(InetAddress to) throws WireFailure {
        return Wire.connect(new InetSocketAddress(to, target.port()), watch, patience());
    }

    /** A connection over which HTTP/1.1 is spoken. */
    Wire open() throws WireFailure {
        Wire wire = connect(address());
        if (!target.isSecure()) return wire;
        try {
            wire.secure(trusted ? trust.strict() : trust.any(), target.host(), trusted, List.of(), "http/1.1");
            return wire;
        } catch (WireFailure failed) {
            wire.close();
            throw failed;
        }
    }

    /** The same with the token, where there is one. */
    Ask signed(Ask ask) {
        token().ifPresent(token -> ask.with("Authorization", "Bearer " + token));
        return ask;
    }

    /** Asks on a connection of its own, and reads the answer. */
    Answer ask(Ask ask) throws WireFailure {
        try (Wire wire = open()) {
            ask.with("Connection", "close");
            long beganNanos = System.nanoTime();
            wire.within(patience());
            wire.send(ask.bytes(target));
            return answer(wire, wire.head(), beganNanos);
        }
    }

    /** The rest of an answer that has begun; what of the body does not come in time is left out. */
    Answer answer(Wire wire, Head head, long beganNanos) throws WireFailure {
        Duration took = since(beganNanos);
        wire.within(patience());
        return new Answer(head, new Body(wire, head).all(Answer.BODY_BYTES_MAX), took);
    }

    static Duration since(long beganNanos) {
        return Duration.ofNanos(System.nanoTime() - beganNanos);
    }
}
