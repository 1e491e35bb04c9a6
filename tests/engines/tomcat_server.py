"""A Tomcat of Debian's package in a folder of its own, on a free port of loopback; the system's service stays alone."""

import shutil
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType

import pytest

from tests.power.ports import free_port

HOME = Path("/usr/share/tomcat10")
MANAGER = Path("/usr/share/tomcat10-admin/manager")
DRIVER = Path("/usr/share/java/postgresql.jar")
USER, PASSWORD = "watch", "watch-word-9"
MOST_THREADS = 30
_STARTS_WITHIN_S = 120.0
_SERVER = """
<Server port="-1" shutdown="off">
  <GlobalNamingResources>
    <Resource name="UserDatabase" type="org.apache.catalina.UserDatabase"
      factory="org.apache.catalina.users.MemoryUserDatabaseFactory" pathname="conf/users.xml"/>
    {pools}
  </GlobalNamingResources>
  <Service name="Catalina">
    <Connector port="{port}" address="127.0.0.1" maxThreads="{threads}"/>
    <Engine name="Catalina" defaultHost="localhost">
      <Host name="localhost" appBase="webapps" autoDeploy="false" deployOnStartup="false">
        <Context path="/manager" docBase="{manager}" privileged="true">
          <Realm className="org.apache.catalina.realm.UserDatabaseRealm" resourceName="UserDatabase"/>
        </Context>
        <Context path="/shop" docBase="shop">{realm}</Context>
      </Host>
    </Engine>
  </Service>
</Server>
"""
_USERS = """
<tomcat-users>
  <user username="{user}" password="{password}" roles="manager-status,manager-jmx,manager-gui,manager-script"/>
  <user username="page" password="page" roles="manager-status"/>
</tomcat-users>
"""
_SHOP = """
<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0" metadata-complete="true">
  <servlet>
    <servlet-name>files</servlet-name>
    <servlet-class>org.apache.catalina.servlets.DefaultServlet</servlet-class>
    <init-param><param-name>readonly</param-name><param-value>false</param-value></init-param>
  </servlet>
  <servlet-mapping><servlet-name>files</servlet-name><url-pattern>/</url-pattern></servlet-mapping>
  <security-constraint>
    <web-resource-collection><web-resource-name>in</web-resource-name><url-pattern>/in/*</url-pattern>
    </web-resource-collection>
    <auth-constraint><role-name>clerk</role-name></auth-constraint>
  </security-constraint>
  <login-config><auth-method>BASIC</auth-method></login-config>
  <security-role><role-name>clerk</role-name></security-role>
</web-app>
"""


class TomcatServer:
    """Runs as long as the `with` lasts. `pools` are <Resource> elements, `realm` the shop's."""

    def __init__(self, folder: Path, *, pools: str = "", realm: str = "", heap: str = "128m") -> None:
        if not (HOME / "bin" / "bootstrap.jar").exists() or not MANAGER.exists() or shutil.which("java") is None:
            pytest.skip("NOT TESTED against Tomcat: install Debian's tomcat10, tomcat10-admin and a Java runtime")
        self.folder, self.port, self._heap = folder, free_port(), heap
        self._process: subprocess.Popen[bytes] | None = None
        for name in ("conf", "logs", "temp", "work", "lib", "webapps/shop/WEB-INF"):
            (folder / name).mkdir(parents=True)
        shutil.copy("/etc/tomcat10/web.xml", folder / "conf")
        self._write("conf/users.xml", _USERS.format(user=USER, password=PASSWORD))
        self._write("webapps/shop/WEB-INF/web.xml", _SHOP)
        told = {"port": self.port, "threads": MOST_THREADS, "manager": MANAGER, "pools": pools, "realm": realm}
        self._write("conf/server.xml", _SERVER.format(**told))
        if DRIVER.exists():
            (folder / "lib" / "postgresql.jar").symlink_to(DRIVER)

    def __enter__(self) -> "TomcatServer":
        jars = [str(HOME / "bin" / name) for name in ("bootstrap.jar", "tomcat-juli.jar")]
        with (self.folder / "logs" / "out.txt").open("wb") as out:
            self._process = subprocess.Popen(
                [
                    *(
                        "java",
                        f"-Xmx{self._heap}",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        ":".join(jars),
                    ),
                    *(f"-Dcatalina.home={HOME}", f"-Dcatalina.base={self.folder}"),
                    *(f"-Djava.io.tmpdir={self.folder}/temp", "org.apache.catalina.startup.Bootstrap", "start"),
                ],
                stdout=out,
                stderr=out,
                cwd=self.folder,
            )
        end = time.monotonic() + _STARTS_WITHIN_S
        while time.monotonic() < end and self._process.poll() is None:
            try:
                self.get("/manager/text/serverinfo")
                return self
            except OSError:
                time.sleep(0.1)
        self.stop()
        raise AssertionError((self.folder / "logs" / "out.txt").read_text()[-2000:])

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the server; once more changes nothing."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def get(self, path: str, user: str = USER, password: str = PASSWORD) -> str:
        """Return what is at `path`; raises OSError for any status but 200."""
        manager = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        manager.add_password(None, f"http://127.0.0.1:{self.port}/", user, password)
        opener = urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(manager))
        with opener.open(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            return str(answer.read().decode())

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text.strip(), encoding="utf-8")
