package io.switchboard.server;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Map;
import java.util.Set;

/** The rules of ARCHITECTURE.md that byte code can tell. Each says what to do instead. */
@AnalyzeClasses(packages = "io.switchboard", importOptions = ImportOption.DoNotIncludeTests.class)
@ArchTag("slow") // it reads all classes
class ArchitectureTest {
    private static final String CORE = "io.switchboard.core..";
    private static final String CARRIER = "io.switchboard.http";
    private static final String WIRE = "io.switchboard.http.wire";
    private static final String TLS = "io.switchboard.http.tls";
    private static final String CALLER = "io.switchboard.http.caller";
    private static final String WEBSOCKET = "io.switchboard.http.websocket";
    private static final String HTTP2 = "io.switchboard.http.http2";
    private static final String HTTP3 = "io.switchboard.http.http3";
    private static final String SOCKET = "io.switchboard.http.socket";
    private static final String SSE = "io.switchboard.http.sse";
    private static final String STREAM = "io.switchboard.http.stream";
    private static final String LIVE = "io.switchboard.http.live";
    private static final String LAB = "io.switchboard.http.lab";
    private static final String ADVICE = "io.switchboard.http.advice";
    private static final String PAGES = "io.switchboard.http.pages";
    private static final String DOOR = "io.switchboard.http.access";
    private static final String BENCH = "io.switchboard.bench..";
    private static final String ROUTING = "io.switchboard.http.routing";

    // What reads a clock, makes a thread or throws dice, by the class that has it.
    private static final Map<String, Set<String>> OUTSIDE_WORLD = Map.of(
            "java.lang.System", Set.of("currentTimeMillis", "nanoTime"),
            "java.lang.Thread", Set.of("<init>", "ofPlatform", "ofVirtual", "startVirtualThread", "sleep"),
            "java.util.concurrent.Executors", Set.of(),
            "java.util.concurrent.ThreadLocalRandom", Set.of(),
            "java.util.Timer", Set.of(),
            "java.util.UUID", Set.of("randomUUID"),
            "java.lang.Math", Set.of("random"),
            "java.time.Clock", Set.of(),
            "java.time.Instant", Set.of("now"));

    @ArchTest
    static final ArchRule coreNeedsOnlyTheJdk = classes()
            .that()
            .resideInAPackage(CORE)
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(CORE, "java..", "org.jspecify.."))
            .because("core knows no network and no library: let core declare a port (an interface such as Outlet or"
                    + " Persistence) and implement it in the room that has the library");

    @ArchTest
    static final ArchRule coreReadsNoClockAndMakesNoThreads = noClasses()
            .that()
            .resideInAPackage(CORE)
            .should()
            .accessTargetWhere(describe(
                    "a clock, a thread or dice of the JDK",
                    (JavaAccess<?> access) -> isOutsideWorld(
                            access.getTargetOwner().getName(),
                            access.getTarget().getName())))
            .because("the simulator replays core from a seed: take a Ticker, a Loop or an Executor as an argument");

    private static boolean isOutsideWorld(String owner, String name) {
        Set<String> names = OUTSIDE_WORLD.get(owner);
        return names != null && (names.isEmpty() || names.contains(name));
    }

    @ArchTest
    static final ArchRule channelsKnowNothingElse = noClasses()
            .that()
            .resideInAPackage("io.switchboard.core.channel")
            .should()
            .dependOnClassesThat(
                    resideInAPackage("io.switchboard..").and(resideOutsideOfPackages("io.switchboard.core.channel")))
            .because("everything is made of channels and offsets: move what needs the store or readers up to them");

    @ArchTest
    static final ArchRule storesKnowNoReaders = noClasses()
            .that()
            .resideInAnyPackage("io.switchboard.core.store", "io.switchboard.store..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.switchboard.core.reading", "io.switchboard.core.exchange", "io.switchboard.http..")
            .because("a store answers requests and knows nobody who waits for news: give what it learns to its caller"
                    + " as an outcome, and let the exchange tell the readers");

    @ArchTest
    static final ArchRule readersKnowNoExchange = noClasses()
            .that()
            .resideInAPackage("io.switchboard.core.reading")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.switchboard.core.exchange")
            .because("readers are tested without an exchange: ask through Feed.Source");

    @ArchTest
    static final ArchRule presenceKnowsOnlyNamesNodesAndLoops = noClasses()
            .that()
            .resideInAPackage("io.switchboard.core.presence")
            .should()
            .dependOnClassesThat(resideInAPackage("io.switchboard..")
                    .and(resideOutsideOfPackages(
                            "io.switchboard.core.presence",
                            "io.switchboard.core.channel",
                            "io.switchboard.core.nodes",
                            "io.switchboard.core.time")))
            .because("who is on a channel has nothing to do with what its log holds: let the caller combine them");

    @ArchTest
    static final ArchRule onlyHttpKnowsNetty = noClasses()
            .that()
            .resideOutsideOfPackages("io.switchboard.http..", BENCH)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty..")
            .because("the network library stays in one room, and in the load tool, which is the other end: use Loop,"
                    + " Outlet or a type of io.switchboard.http");

    @ArchTest
    static final ArchRule theLoadToolKnowsNoServer = classes()
            .that()
            .resideInAPackage(BENCH)
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                    BENCH,
                    "java..",
                    "javax.net.ssl..",
                    "com.sun.management..",
                    "io.netty..",
                    "org.HdrHistogram..",
                    "org.jspecify.."))
            .because("what measures a server must not share its mistakes: speak spec/protocol.md over a socket");

    @ArchTest
    static final ArchRule noServerKnowsTheLoadTool = noClasses()
            .that()
            .resideOutsideOfPackages(BENCH, "io.switchboard.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(BENCH)
            .because("the load tool is started from the command line alone");

    @ArchTest
    static final ArchRule onlyTheDiskStoreKnowsRocksDb = noClasses()
            .that()
            .resideOutsideOfPackage("io.switchboard.store.rocksdb..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.rocksdb..")
            .because("which store holds the log is nobody's business: use the Store port");

    @ArchTest
    static final ArchRule onlyTheSharedStoreKnowsRedis = noClasses()
            .that()
            .resideOutsideOfPackage("io.switchboard.store.redis..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.lettuce..")
            .because("that nodes share a store, and which, is nobody's business: use the Store and Relay ports");

    @ArchTest
    static final ArchRule adviceKnowsOnlyNamesAndTime = noClasses()
            .that()
            .resideInAPackage("io.switchboard.core.advice")
            .should()
            .dependOnClassesThat(resideInAPackage("io.switchboard..")
                    .and(resideOutsideOfPackages(
                            "io.switchboard.core.advice", "io.switchboard.core.channel", "io.switchboard.core.time")))
            .because(
                    "rules are tested on numbers: let the exchange note what happens, and a handler show what is advised");

    @ArchTest
    static final ArchRule callsKnowOnlyChannels = noClasses()
            .that()
            .resideInAPackage("io.switchboard.core.relay")
            .should()
            .dependOnClassesThat(resideInAPackage("io.switchboard..")
                    .and(resideOutsideOfPackages("io.switchboard.core.relay", "io.switchboard.core.channel")))
            .because("how nodes call each other has nothing to do with who stores and who reads: let the exchange"
                    + " combine them");

    @ArchTest
    static final ArchRule nodesKnowOnlyTime = noClasses()
            .that()
            .resideInAPackage("io.switchboard.core.nodes")
            .should()
            .dependOnClassesThat(resideInAPackage("io.switchboard..")
                    .and(resideOutsideOfPackages("io.switchboard.core.nodes", "io.switchboard.core.time")))
            .because(
                    "who lives has nothing to do with what nodes tell each other: let each room read its own messages");

    @ArchTest
    static final ArchRule onlySecurityKnowsNimbus = noClasses()
            .that()
            .resideOutsideOfPackage("io.switchboard.security..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.nimbusds..")
            .because("how tokens and keys are written is nobody's business: ask an Authenticator, or make tokens with"
                    + " io.switchboard.security.minting");

    @ArchTest
    static final ArchRule securityKnowsOnlyWhoMayDoWhat = noClasses()
            .that()
            .resideInAPackage("io.switchboard.security..")
            .should()
            .dependOnClassesThat(resideInAPackage("io.switchboard..")
                    .and(resideOutsideOfPackages(
                            "io.switchboard.security..",
                            "io.switchboard.core.access",
                            "io.switchboard.core.channel",
                            "io.switchboard.core.nodes",
                            "io.switchboard.core.rate",
                            "io.switchboard.core.time")))
            .because("tokens and keys have nothing to do with transports and stores: talk through core.access");

    @ArchTest
    static final ArchRule checkingNeedsNoMinting = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.switchboard.security.keys", "io.switchboard.security.token", "io.switchboard.security.session")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.switchboard.security.minting")
            .because("a server only ever checks: keep whatever makes keys and tokens for the command line");

    @ArchTest
    static final ArchRule theCarrierKnowsNoChannels = noClasses()
            .that()
            .resideInAPackage(CARRIER)
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.switchboard..")
                    .and(resideOutsideOfPackages(
                            CARRIER,
                            WIRE,
                            WEBSOCKET,
                            HTTP2,
                            HTTP3,
                            TLS,
                            CALLER,
                            "io.switchboard.core.access",
                            "io.switchboard.core.figures",
                            "io.switchboard.core.time")))
            .because(
                    "connections carry any request: put what is about channels into a handler, and what several"
                            + " handlers need of the carrier into Request, Response, Responder, Sink, Waiting, Socket or SocketOwner");

    @ArchTest
    static final ArchRule wireValuesKnowNobody = noClasses()
            .that()
            .resideInAPackage(WIRE)
            .should()
            .dependOnClassesThat(resideInAPackage("io.switchboard..")
                    .and(resideOutsideOfPackages(WIRE, "io.switchboard.core.channel")))
            .because("wire is values and parsers: let the handler that asks combine them");

    @ArchTest
    static final ArchRule certificatesKnowNobody = noClasses()
            .that()
            .resideInAPackage(TLS)
            .should()
            .dependOnClassesThat(resideInAPackage("io.switchboard..").and(resideOutsideOfPackages(TLS)))
            .because("TLS is the same whatever is spoken over it: let the entrance or the server combine them");

    @ArchTest
    static final ArchRule callersKnowNobody = noClasses()
            .that()
            .resideInAPackage(CALLER)
            .should()
            .dependOnClassesThat(resideInAPackage("io.switchboard..").and(resideOutsideOfPackages(CALLER)))
            .because("who asks is a value: let the connection or the handler that asks act on it");

    @ArchTest
    static final ArchRule webSocketValuesKnowNobody = noClasses()
            .that()
            .resideInAPackage(WEBSOCKET)
            .should()
            .dependOnClassesThat(resideInAPackage("io.switchboard..").and(resideOutsideOfPackages(WEBSOCKET, WIRE)))
            .because("frames and handshakes are values: let the connection or the room that speaks combine them");

    @ArchTest
    static final ArchRule http2ValuesKnowNobody = noClasses()
            .that()
            .resideInAPackage(HTTP2)
            .should()
            .dependOnClassesThat(resideInAPackage("io.switchboard..").and(resideOutsideOfPackages(HTTP2, WIRE)))
            .because("heads and frames are values: let the connection and its streams act on them");

    @ArchTest
    static final ArchRule http3ValuesKnowNobody = noClasses()
            .that()
            .resideInAPackage(HTTP3)
            .should()
            .dependOnClassesThat(resideInAPackage("io.switchboard..")
                    .and(resideOutsideOfPackages(HTTP3, "io.switchboard.core.time")))
            .because(
                    "tokens, names and fields are values: let the port, its connections and their streams act on them");

    @ArchTest
    static final ArchRule onlyTheCarrierKnowsVersions = noClasses()
            .that()
            .resideOutsideOfPackages(CARRIER, HTTP2, HTTP3, BENCH) // a client of its own
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(HTTP2, HTTP3, "io.netty.handler.codec.http2..", "io.netty.handler.codec.http3..")
            .because("handlers answer the same way over every version of HTTP: use Request, Responder and Sink");

    @ArchTest
    static final ArchRule socketsDoNotKnowOtherWaysToRead = noClasses()
            .that()
            .resideInAPackage(SOCKET)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(STREAM, LIVE, ROUTING, SSE)
            .because("each way to read a channel stands on the reader alone: move what both need to wire, websocket"
                    + " or outcome");

    @ArchTest
    static final ArchRule eventStreamsKnowNoUrls = noClasses()
            .that()
            .resideInAPackage(SSE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(STREAM, LIVE, ROUTING, SOCKET)
            .because("event streams serve several URLs: take what they need as an argument");

    @ArchTest
    static final ArchRule waysToReadDoNotSeeEachOther = noClasses()
            .that()
            .resideInAnyPackage(STREAM)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(LIVE, ROUTING)
            .because("a channel's URL does not know the shared line: move what both need to wire or to sse");

    @ArchTest
    static final ArchRule theSharedLineDoesNotSeeChannelsUrls = noClasses()
            .that()
            .resideInAnyPackage(LIVE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(STREAM, ROUTING)
            .because("the shared line does not know a channel's URL: move what both need to wire or to sse");

    @ArchTest
    static final ArchRule theDoorKnowsNoChannelsWays = noClasses()
            .that()
            .resideInAPackage(DOOR)
            .should()
            .dependOnClassesThat(resideInAPackage("io.switchboard..")
                    .and(resideOutsideOfPackages(
                            DOOR,
                            CARRIER,
                            CALLER,
                            WIRE,
                            WEBSOCKET,
                            "io.switchboard.core.access",
                            "io.switchboard.core.channel",
                            "io.switchboard.core.nodes",
                            "io.switchboard.core.time")))
            .because("who may do what is asked by every way to read and write: let those ask, with Denials or Access");

    @ArchTest
    static final ArchRule accessKnowsOnlyNames = noClasses()
            .that()
            .resideInAPackage("io.switchboard.core.access")
            .should()
            .dependOnClassesThat(resideInAPackage("io.switchboard..")
                    .and(resideOutsideOfPackages("io.switchboard.core.access", "io.switchboard.core.channel")))
            .because("what somebody may do is a value: let those who know keys and transports make and ask it");

    @ArchTest
    static final ArchRule pagesKnowNoChannels = noClasses()
            .that()
            .resideInAPackage(PAGES)
            .should()
            .dependOnClassesThat(
                    resideInAPackage("io.switchboard..").and(resideOutsideOfPackages(PAGES, CARRIER, WIRE)))
            .because("pages are files to be sent; they ask for channels from the browser, by the public protocol");

    @ArchTest
    static final ArchRule theLabKnowsWishesAndNoProcess = noClasses()
            .that()
            .resideInAPackage(LAB)
            .should()
            .dependOnClassesThat()
            .haveNameMatching("java\\.lang\\.Process.*")
            .orShould()
            .dependOnClassesThat()
            .resideInAnyPackage(LIVE, ROUTING, SOCKET, SSE, PAGES)
            .because("handlers run on loops, which never wait for a process: let the server's room lab start it");

    @ArchTest
    static final ArchRule filesOfPagesKnowNoServer = noClasses()
            .that()
            .resideInAPackage("io.switchboard.web..")
            .should()
            .dependOnClassesThat(
                    resideInAPackage("io.switchboard..").and(resideOutsideOfPackages("io.switchboard.web..")))
            .because("web is what browsers run: let the server put its files behind a handler");

    @ArchTest
    static final ArchRule capacityKnowsNoConnections = noClasses()
            .that()
            .resideInAPackage("io.switchboard.server.capacity")
            .should()
            .dependOnClassesThat(
                    resideInAPackage("io.switchboard..").and(resideOutsideOfPackages("io.switchboard.server.capacity")))
            .because("what a machine can hold is reckoned from numbers: let the server hand them over");

    @ArchTest
    static final ArchRule handlersDoNotSeeThePipeline = noClasses()
            .that()
            .resideInAnyPackage(STREAM, SSE, LIVE, PAGES, LAB, ADVICE, ROUTING, DOOR)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty.channel..", "io.netty.bootstrap..")
            .because("handlers will run over HTTP/2 and HTTP/3 too: answer through Responder and Sink");

    @ArchTest
    static final ArchRule packagesHaveNoCycles = slices().matching("io.switchboard.(**)")
            .should()
            .beFreeOfCycles()
            .because("each room has to be understood without those above: move what two of them share below both");

    @ArchTest
    static final ArchRule nobodyPrints = noClasses()
            .that()
            .resideOutsideOfPackages("io.switchboard.cli..", "io.switchboard.testkit..")
            .should()
            .accessTargetWhere(describe(
                    "System.out or System.err",
                    (JavaAccess<?> access) -> access.getTargetOwner().isEquivalentTo(System.class)
                            && Set.of("out", "err").contains(access.getTarget().getName())))
            .because(
                    "only the command line talks to a terminal: log through slf4j, or give the sentence to the caller");

    @ArchTest
    static final ArchRule nobodyLogsThroughTheJdk = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAPackage("java.util.logging..")
            .because("there is one log: use slf4j, outside core");

    @ArchTest
    static final ArchRule classesAreNamedByTheirJob = noClasses()
            .should()
            .haveNameMatching(".*(Utils?|Helper|Manager|Impl)")
            .orShould()
            .haveNameMatching(".*[.$]I[A-Z][a-z][A-Za-z]*")
            .because("such a name says nothing: name the class by what it is in the words of the field");

    @ArchTest
    static final ArchRule fieldsAreNamedByTheirJob = fields().should()
            .haveNameNotMatching("(?i).*(manager|helper)")
            .because("such a name says nothing: name the field by what it holds");
}
