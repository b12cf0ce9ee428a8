/**
 * Hostile bytes for everything that parses what a peer or a disk hands in; each class holds one fuzz test.
 * An ordinary test run only replays their seeds; this fuzzes one of them, for the time its annotation says:
 *
 * <pre>
 *   JAZZER_FUZZ=1 mvn -pl fuzz -am test -Dtest=JsonMessagesFuzzTest -Dsurefire.failIfNoSpecifiedTests=false
 * </pre>
 *
 * What it finds becomes a test where the parser lives. The package must not know how parsers work inside.
 */
@NullMarked
package io.switchboard.fuzz;

import org.jspecify.annotations.NullMarked;
