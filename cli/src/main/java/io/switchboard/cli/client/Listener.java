package io.switchboard.cli.client;

/** Who is told what a source reads, on the thread that reads. */
interface Listener {
    /** The server has answered as it should. */
    void connected();

    /** @return whether more is wanted */
    boolean message(Message message);

    /** Reading stands here now, without a message; {@code offset} is where to resume. */
    void position(String offset);

    /**
     * Messages after {@code from} are gone; reading goes on after {@code to}.
     *
     * @return whether it shall
     */
    boolean gap(String from, String to);

    /**
     * Nothing more has come yet, so this is the moment to show what came.
     *
     * @return whether more is wanted
     */
    boolean idle();
}
