package io.switchboard.bench;

/** A connection that gets messages and checks them. */
interface Reading {
    Intake intake();
}
