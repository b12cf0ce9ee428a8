package io.switchboard.cli.doctor;

/** One look at a server. Stateless; tells what it finds to the visit. */
interface Check {
    Step step();

    /** @throws WireFailure if the peer let it down where it had no sentence of its own for that */
    void run(Visit visit) throws WireFailure, InterruptedException;
}
