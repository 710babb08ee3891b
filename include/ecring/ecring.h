/* SPDX-License-Identifier: Apache-2.0 */
/* ecring: an EtherCAT master for Linux user space. This header includes all the others. */
#ifndef ECRING_ECRING_H
#define ECRING_ECRING_H

#include <ecring/api.h>
#include <ecring/cia402.h>
#include <ecring/coe.h>
#include <ecring/config.h>
#include <ecring/dc.h>
#include <ecring/diag.h>
#include <ecring/driver.h>
#include <ecring/error.h>
#include <ecring/event.h>
#include <ecring/info.h>
#include <ecring/master.h>
#include <ecring/scan.h>
#include <ecring/sim.h>
#include <ecring/value.h>

#endif
